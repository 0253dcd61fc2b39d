"""What slowdown.py runs: programs of several kinds, and how many times as long they may take."""
import pathlib
import shutil
import subprocess

PYTHON = "/usr/bin/python3"  # another may be first in the path
RUSTC = "/usr/bin/rustc"

SOURCES = {
    # 40 products: starting and translating are little of it.
    "dgemm.c": """
#include <stdlib.h>
void cblas_dgemm(int, int, int, int, int, int, double, const double*, int, const double*, int,
                 double, double*, int);
int main(void) {
  int n = 1024;
  double *a = malloc(8 * n * n), *b = malloc(8 * n * n), *c = calloc(n * n, 8);
  for (int i = 0; i < n * n; i++) a[i] = 1, b[i] = 2;
  for (int i = 0; i < 40; i++) cblas_dgemm(101, 111, 111, n, n, n, 1.0, a, n, b, n, 0.0, c, n);
}
""",
    "onednn.cpp": """
#include <dnnl.h>
#include <vector>
int main() {
  int n = 1024;
  std::vector<float> a(n * n, 1), b(n * n, 2), c(n * n);
  for (int i = 0; i < 80; i++)
    dnnl_sgemm('N', 'N', n, n, n, 1, a.data(), n, b.data(), n, 0, c.data(), n);
}
""",
    "stream.c": """
#include <stdlib.h>
enum { n = 1 << 20 };
static double a[n], b[n], c[n];
int main(int argc, char** argv) {
  int times = atoi(argv[argc - 1]);
  #pragma omp parallel for
  for (int i = 0; i < n; i++) a[i] = 1, b[i] = 2, c[i] = 0;
  for (int k = 0; k < times; k++) {
    #pragma omp parallel for
    for (int i = 0; i < n; i++) c[i] = a[i];
    #pragma omp parallel for
    for (int i = 0; i < n; i++) b[i] = 3.0 * c[i];
    #pragma omp parallel for
    for (int i = 0; i < n; i++) c[i] = a[i] + b[i];
    #pragma omp parallel for
    for (int i = 0; i < n; i++) a[i] = b[i] + 3.0 * c[i];
  }
  return a[0] == 0;
}
""",
    "loop.py": """
class Point:
    def __init__(self, x): self.x = x
    def moved(self, by): return Point(self.x + by)
words = {}
point = Point(0.0)
for i in range(1200000):
    point = point.moved(0.5)
    key = f"{i % 977}"
    words[key] = words.get(key, 0) + 1
print(point.x, sum(sorted(words.values())[:10]))
""",
    "loop.rb": """
words = Hash.new(0)
sum = 0.0
1500000.times { |i| sum += i * 0.5; words[(i % 977).to_s] += 1 }
puts sum, words.size
""",
    "loop.php": """<?php
$words = []; $sum = 0.0;
for ($i = 0; $i < 8000000; $i++) { $sum += $i * 0.5; $k = "w" . ($i % 977); $words[$k] = ($words[$k] ?? 0) + 1; }
echo $sum, count($words);
""",
    "hello.c": "#include <stdio.h>\nint main(void) { puts(\"hello\"); }\n",
    "hello.rs": "fn main() { println!(\"{}\", (0..10).map(|i| i * i).sum::<i32>()); }\n",
}

# A file of 240 functions over containers and expressions: some seconds of compiling.
LARGE = "#include <algorithm>\n#include <functional>\n#include <map>\n#include <string>\n#include <vector>\n" + "".join(
    f"int f{i}(std::map<std::string, int>& m, std::vector<std::string>& v) {{\n"
    f"  std::sort(v.begin(), v.end(), [](auto& a, auto& b) {{ return a.size() * {i + 1} < b.size(); }});\n"
    f"  std::function<int(int)> g = [&](int x) {{ return m[v[x]] * {i}; }};\n"
    f"  int s = 0;\n  for (auto& x : v) s += g(m[x]) + int(x.find(\"a{i}\"));\n  return s;\n}}\n"
    for i in range(240))

BUILDS = [
    "gcc -O2 dgemm.c -o dgemm -lopenblas",
    "g++ -O2 onednn.cpp -o onednn -ldnnl",
    "gcc -O3 -fopenmp stream.c -o stream",
]


def prepare(folder):
    for name, text in {**SOURCES, "large.cpp": LARGE}.items():
        pathlib.Path(folder, name).write_text(text, encoding="utf-8")
    for command in BUILDS:
        if shutil.which(command.split()[0]):
            subprocess.run(command.split(), cwd=folder, check=False, capture_output=True)


def row(name, wanted, *command, children=False, **env):
    return {"name": name, "wanted": wanted, "command": list(command), "children": children, "env": env}


ONE = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
PROGRAMS = [
    row("OpenBLAS dgemm", 1.1, "{d}/dgemm", **ONE),
    row("oneDNN sgemm", 1.1, "{d}/onednn", **ONE),
    row("STREAM-like loops", 1.5, "{d}/stream", "300", **ONE),
    row("python3, a loop over objects and dictionaries", 2.0, PYTHON, "{d}/loop.py"),
    row("ruby, a loop over hashes", 2.0, "ruby", "{d}/loop.rb"),
    row("php, a loop over arrays", 2.0, "php", "{d}/loop.php"),
    row("g++ -O2 of a large file", 2.0, "g++", "-O2", "-S", "{d}/large.cpp", "-o", "{d}/large.s",
        children=True),
    row("gcc of hello.c", 4.0, "gcc", "-O2", "-S", "{d}/hello.c", "-o", "{d}/hello.s", children=True),
    row("clang of hello.c", 4.0, "clang", "-O2", "-S", "{d}/hello.c", "-o", "{d}/hello.s"),
    row("rustc of hello.rs", 4.0, RUSTC, "--emit=llvm-ir", "{d}/hello.rs", "-o", "{d}/hello.ll"),
    row("PyTorch's start", 4.0, PYTHON, "-c", "import torch"),
]
