"""Real programs from Debian packages, each with what it is given and what it must do alike.

A row is (name, package, command); `{d}` in a command is the folder that `prepare` has filled. Flags:
`children`: it starts programs, which are counted, too; `files`: what it writes there is compared;
`hide`: a regular expression of what differs between two native runs (times, dates, addresses);
`flops`: what is known of its FLOPs (exact) without any counter, as (number, the most that its
algorithm adds, why).
"""
import pathlib
import shutil
import subprocess

PYTHON = "/usr/bin/python3"  # another may be first in the path, as with the next
CONVERT = "/usr/bin/convert"
TIMES = r"[0-9]+[.:][0-9.e+:-]+ ?|[0-9]+ms"

SOURCES = {
    "dgemm.c": """
#include <stdio.h>
#include <stdlib.h>
void cblas_dgemm(int, int, int, int, int, int, double, const double*, int, const double*, int,
                 double, double*, int);
int main(void) {
  int n = 512;
  double *a = malloc(8 * n * n), *b = malloc(8 * n * n), *c = calloc(n * n, 8);
  for (int i = 0; i < n * n; i++) a[i] = 1, b[i] = 2;
  cblas_dgemm(101, 111, 111, n, n, n, 1.0, a, n, b, n, 0.0, c, n);
  printf("%g\\n", c[5]);
}
""",
    "stream.c": """
#include <stdio.h>
#include <stdlib.h>
enum { n = 1 << 20 };
static double a[n], b[n], c[n];
int main(void) {
  #pragma omp parallel for
  for (int i = 0; i < n; i++) a[i] = 1, b[i] = 2, c[i] = 0;
  for (int k = 0; k < 5; k++) {
    #pragma omp parallel for
    for (int i = 0; i < n; i++) c[i] = a[i];
    #pragma omp parallel for
    for (int i = 0; i < n; i++) b[i] = 3.0 * c[i];
    #pragma omp parallel for
    for (int i = 0; i < n; i++) c[i] = a[i] + b[i];
    #pragma omp parallel for
    for (int i = 0; i < n; i++) a[i] = b[i] + 3.0 * c[i];
  }
  printf("%g\\n", a[n - 1]);
}
""",
    "tbb.cpp": """
#include <tbb/parallel_for.h>
#include <cstdio>
#include <vector>
int main() {
  std::vector<double> a(1 << 20);
  tbb::parallel_for(std::size_t(0), a.size(), [&](std::size_t i) { a[i] = 3.0 * double(i) + 1; });
  std::printf("%g\\n", a.back());
}
""",
    "mpi.c": """
#include <mpi.h>
#include <stdio.h>
int main(int argc, char** argv) {
  int rank;
  double sum = 0, all;
  MPI_Init(&argc, &argv);
  MPI_Comm_rank(MPI_COMM_WORLD, &rank);
  for (int i = 0; i < 100000; i++) sum += 1.0 / (i + 1 + rank);
  MPI_Reduce(&sum, &all, 1, MPI_DOUBLE, MPI_SUM, 0, MPI_COMM_WORLD);
  if (rank == 0) printf("%.10f\\n", all);
  MPI_Finalize();
}
""",
    # LU with partial pivoting, as HPL does it.
    "lu.c": """
#include <stdio.h>
#include <stdlib.h>
void dgetrf_(int*, int*, double*, int*, int*, int*);
int main(void) {
  int n = 600, info, *pivots = malloc(4 * n);
  double* a = malloc(8 * n * n);
  unsigned seed = 1;
  for (int i = 0; i < n * n; i++) seed = seed * 1664525u + 1013904223u, a[i] = (int)(seed >> 16);
  dgetrf_(&n, &n, a, &n, pivots, &info);
  printf("%d %d %.6e\\n", info, pivots[n / 2], a[n * n - 1]);
}
""",
    # What the library says of its plan, and what it does.
    "fft.c": """
#include <fftw3.h>
#include <stdio.h>
int main(void) {
  int n = 4096;
  fftw_complex* x = fftw_malloc(n * sizeof *x);
  fftw_plan plan = fftw_plan_dft_1d(n, x, x, FFTW_FORWARD, FFTW_ESTIMATE);
  for (int i = 0; i < n; i++) x[i][0] = i % 17, x[i][1] = 0;
  double add, mul, fma;
  for (int i = 0; i < 100; i++) fftw_execute(plan);
  fftw_flops(plan, &add, &mul, &fma);
  printf("%.0f a transform\\n", add + mul + 2 * fma);
}
""",
    "half.go": "package main\n// double half(double x) { return x * 0.5; }\nimport \"C\"\n"
               "import \"fmt\"\nfunc main() { s := make(chan float64)\n"
               "for k := 0; k < 4; k++ { go func() { t := 0.0\n"
               "for i := 0; i < 1000; i++ { t += float64(C.half(C.double(i))) }\ns <- t }() }\n"
               "fmt.Println(<-s + <-s + <-s + <-s) }\n",
    "hello.cs": "class A { static void Main() { double s = 0;\n"
                "for (int i = 0; i < 100000; i++) s += i * 0.5;\nSystem.Console.WriteLine(s); } }\n",
    "hello.c": "#include <stdio.h>\nint main(void) { puts(\"hello\"); return 3; }\n",
    "hello.cpp": "#include <map>\n#include <string>\nint f(std::map<std::string, int> m) "
                 "{ return m[\"x\"]; }\n",
    "hello.f90": "program p\n  real :: x(100)\n  x = 1.5\n  print *, sum(x * x)\nend program\n",
    "hello.rs": "fn main() { println!(\"{}\", (0..10).map(|i| i * i).sum::<i32>()); }\n",
    "hello.hs": "main :: IO ()\nmain = print (sum [1 .. 100 :: Int])\n",
    "hello.ml": "let () = print_int (List.fold_left (+) 0 [1; 2; 3])\n",
    "hello.asm": "section .text\nglobal f\nf: ret\n",
    "calc.y": "%%\nexpr: 'a' expr | ;\n%%\n",
    "words.l": "%%\n[a-z]+ { return 1; }\n%%\n",
    "graph.dot": "digraph { a -> b -> c; a -> c; c -> d; }\n",
    "plot.gp": "set terminal svg\nset output '{d}/plot.svg'\nplot sin(x), cos(x)\n",
    "scene.pov": "camera { location <0, 2, -3> look_at <0, 1, 2> }\n"
                 "sphere { <0, 1, 2>, 2 texture { pigment { color rgb <1, 1, 0> } } }\n"
                 "light_source { <2, 4, -3> color rgb 1 }\n",
    "page.ps": "%!PS\n/Times-Roman findfont 24 scalefont setfont 72 72 moveto (hello) show showpage\n",
    "model.lp": "maximize\nobj: 3 x + 2 y\nsubject to\nc1: x + y <= 4\nc2: x + 3 y <= 6\nend\n",
    "query.sql": "create table t(x); with recursive c(i) as (select 1 union all select i + 1 from c "
                 "where i < 20000) insert into t select i * 1.5 from c; select sum(x), avg(x) from t;\n",
    "Makefile": "all: a.o b.o\n%.o: hello.c\n\tgcc -O1 -c hello.c -o $@\n",
    "in.lammps": "units lj\natom_style atomic\nlattice fcc 0.8442\nregion box block 0 4 0 4 0 4\n"
                 "create_box 1 box\ncreate_atoms 1 box\nmass 1 1.0\nvelocity all create 1.44 87287\n"
                 "pair_style lj/cut 2.5\npair_coeff 1 1 1.0 1.0 2.5\nfix 1 all nve\nthermo 20\n"
                 "run 40\n",
}

# What rows need built: (result, needed program, command).
BUILDS = [
    ("dgemm", "gcc", "gcc -O2 dgemm.c -o dgemm -lopenblas"),
    ("stream", "gcc", "gcc -O2 -fopenmp stream.c -o stream"),
    ("tbb", "g++", "g++ -O2 tbb.cpp -o tbb -ltbb"),
    ("mpi", "mpicc", "mpicc -O2 mpi.c -o mpi"),
    ("lu", "gcc", "gcc -O2 lu.c -o lu -lopenblas"),
    ("fft", "gcc", "gcc -O2 fft.c -o fft -lfftw3"),
    ("half", "go", "env GO111MODULE=off go build -o half half.go"),
    ("hello.exe", "mcs", "mcs hello.cs"),
]


def copy_inputs(master, folder):
    """What `prepare` has put into the one, in the other: texts name their folder."""
    shutil.copytree(master, folder, dirs_exist_ok=True)
    for name, text in SOURCES.items():
        pathlib.Path(folder, name).write_text(text.replace("{d}", folder), encoding="utf-8")


def prepare(folder):
    """Fills the folder with inputs, the same every time; takes a while."""
    for name, text in SOURCES.items():
        pathlib.Path(folder, name).write_text(text.replace("{d}", folder), encoding="utf-8")
    words = "".join(f"{i * i % 977} line {i} of the text\n" for i in range(20000))
    pathlib.Path(folder, "words.txt").write_text(words, encoding="utf-8")
    pixels = bytes((x * y + c * 50) % 256 for y in range(128) for x in range(128) for c in range(3))
    pathlib.Path(folder, "image.ppm").write_bytes(b"P6 128 128 255\n" + pixels)
    samples = b"".join((i * i % 20000 - 10000).to_bytes(2, "little", signed=True)
                       for i in range(44100))
    head = (b"RIFF" + (36 + len(samples)).to_bytes(4, "little") + b"WAVEfmt \x10\0\0\0\1\0\1\0"
            b"\x44\xac\0\0\x88\x58\1\0\2\0\x10\0data" + len(samples).to_bytes(4, "little"))
    pathlib.Path(folder, "sound.wav").write_bytes(head + samples)
    for result, compiler, command in BUILDS:
        if shutil.which(compiler):
            subprocess.run(command.split(), cwd=folder, check=False, capture_output=True)
    png = pathlib.Path(folder, "image.png")
    if shutil.which(CONVERT):
        subprocess.run([CONVERT, f"{folder}/image.ppm", str(png)], check=False)


def known(number, more, why):
    return {"flops": (number, more, why)}


def row(name, package, *command, **flags):
    return {"name": name, "package": package, "command": list(command), **flags}


N3 = 2 * 512**3
LU = 4 * 600**3 // 6 - 600**2 // 2 - 600 // 6  # n^3 2/3 - n^2 / 2 - n / 6: products, sums and divisions
LIBRARIES = "/usr/lib/x86_64-linux-gnu"
PROGRAMS = [
    row("python3", "python3", PYTHON, "-c",
        "print(sum(i * 0.5 for i in range(100000)))", **known(
            200000, 2000, "starting the interpreter")),
    row("perl", "perl", "perl", "-e", "$s += sqrt($_) for 1..50000; print $s"),
    row("ruby", "ruby", "ruby", "-e", "p (1..50000).sum { |i| i * 0.5 }"),
    row("php", "php-cli", "php", "-r", "$s = 0; for ($i = 0; $i < 100000; $i++) $s += $i * 0.5; echo $s;"),
    row("lua", "lua5.3", "lua5.3", "-e", "s = 0 for i = 1, 100000 do s = s + i * 0.5 end print(s)"),
    row("luajit, its JIT", "luajit", "luajit", "-e", "s = 0 for i = 1, 1e6 do s = s + i * 0.5 end print(s)"),
    row("node, its JIT", "nodejs", "/usr/bin/node", "-e",
        "let s = 0; for (let i = 0; i < 1e6; i++) s += i * 0.5; console.log(s)"),
    row("java", "default-jre-headless", "java", "-version"),
    row("pypy3, its JIT", "pypy3", "pypy3", "-c", "print(sum(i * 0.5 for i in range(300000)))"),
    row("guile, its JIT", "guile-3.0", "guile", "--no-auto-compile", "-c",
        "(display (let f ((i 0) (s 0.)) (if (= i 100000) s (f (+ i 1) (+ s i)))))"),
    row("chez scheme", "chezscheme", "scheme", "--quiet", "--script", "{d}/hello.ss"),
    row("sbcl", "sbcl", "sbcl", "--noinform", "--non-interactive", "--eval", "(print (* 1.5d0 2))"),
    row("erlang, its JIT", "erlang-base", "erl", "-noshell", "-eval",
        "io:format(\"~p~n\", [lists:sum(lists:seq(1, 10000))]), halt()."),
    row("swi-prolog", "swi-prolog", "swipl", "-g", "X is sqrt(2.0) * 3, print(X), nl", "-t", "halt"),
    row("gforth", "gforth", "gforth", "-e", "1.5e 2e f* f. bye"),
    row("tcl", "tcl", "tclsh", "{d}/hello.tcl"),
    row("gawk", "gawk", "gawk", "{ s += $1 * 0.5 } END { print s }", "{d}/words.txt",
        **known(40000, 200, "printing")),
    row("mawk", "mawk", "mawk", "{ s += $1 * 0.5 } END { print s }", "{d}/words.txt"),
    row("bc", "bc", "bc", "-l", input="scale=30; e(1); a(1)*4\n"),
    row("dc", "dc", "dc", "-e", "20k 2v p"),
    row("jq", "jq", "jq", "-n", "[range(2000) * 0.5] | add"),
    row("R", "r-base-core", "R", "--vanilla", "--slave", "-e",
        "a <- matrix(1:10000/7, 100); print(sum(a %*% a)); print(summary(lm(a[,1] ~ a[,2]))$sigma)",
        children=True),
    row("octave", "octave", "octave-cli", "--no-init-file", "--eval",
        "a = ones(200) / 3; disp(sum((a * a)(:))); disp(norm(inv(a + eye(200))))"),
    row("numpy", "python3-numpy", PYTHON, "-c",
        "import numpy as n; a = n.ones((256, 256)); print((a @ a).sum(), n.linalg.det(a + n.eye(256)))"),
    row("gcc", "gcc", "gcc", "-O2", "-S", "{d}/hello.c", "-o", "-", children=True),
    row("g++", "g++", "g++", "-O2", "-S", "{d}/hello.cpp", "-o", "-", children=True),
    row("clang", "clang", "clang", "-O2", "-S", "{d}/hello.c", "-o", "-"),
    row("gfortran", "gfortran", "gfortran", "-O2", "-S", "{d}/hello.f90", "-o", "-", children=True),
    row("rustc", "rustc", "/usr/bin/rustc", "--emit=llvm-ir", "{d}/hello.rs", "-o", "{d}/hello.ll", files=["hello.ll"]),
    row("ghc", "ghc", "ghc", "-O0", "-S", "{d}/hello.hs", "-o", "{d}/hello.s"),
    row("ocaml", "ocaml", "ocaml", "{d}/hello.ml"),
    row("nasm", "nasm", "nasm", "-felf64", "{d}/hello.asm", "-o", "{d}/asm.o", files=["asm.o"]),
    row("bison", "bison", "bison", "{d}/calc.y", "-o", "{d}/calc.c", children=True, files=["calc.c"]),
    row("flex", "flex", "flex", "-t", "{d}/words.l"),
    row("make -j2", "make", "make", "-s", "-j2", "-B", "-C", "{d}", children=True, files=["a.o", "b.o"]),
    row("git", "git", "git", "hash-object", "{d}/words.txt"),
    row("xz, two threads", "xz-utils", "xz", "-T2", "--block-size=100000", "-c", "{d}/words.txt"),
    row("gzip", "gzip", "gzip", "-nc", "{d}/words.txt"),
    row("bzip2", "bzip2", "bzip2", "-c", "{d}/words.txt"),
    row("zstd, two threads", "zstd", "zstd", "-q", "-T2", "-c", "{d}/words.txt"),
    row("lz4", "lz4", "lz4", "-c", "{d}/words.txt"),
    row("7z", "p7zip-full", "7z", "a", "-so", "-txz", "x", "{d}/words.txt"),
    row("brotli", "brotli", "brotli", "-c", "{d}/words.txt"),
    row("pigz", "pigz", "pigz", "-nc", "-p2", "{d}/words.txt"),
    row("lzip", "lzip", "lzip", "-c", "{d}/words.txt"),
    row("sqlite3", "sqlite3", "sqlite3", ":memory:", ".read {d}/query.sql"),
    row("redis", "redis-server", "redis-server", "--version"),
    row("nginx", "nginx-light", "nginx", "-v"),
    row("openssl", "openssl", "openssl", "dgst", "-sha256", "{d}/words.txt", hide=r"/tmp/\S+"),
    row("ffmpeg", "ffmpeg", "ffmpeg", "-v", "error", "-i", "{d}/sound.wav", "-c:a", "aac", "-flags",
        "+bitexact", "-fflags", "+bitexact", "-f", "adts", "-"),
    row("ImageMagick", "imagemagick", CONVERT, "{d}/image.ppm", "-resize", "50%", "-blur", "0x2", "ppm:-"),
    row("povray", "povray", "povray", "+I{d}/scene.pov", "+O-", "+FP", "+W64", "+H48", "-D", "+WT2",
        stderr=False, hide=r"#[^\n]*"),  # the date
    row("sox", "sox", "sox", "{d}/sound.wav", "-r", "22050", "-t", "raw", "-D", "-"),
    row("flac", "flac", "flac", "-s", "-c", "{d}/sound.wav"),
    row("lame", "lame", "lame", "--quiet", "{d}/sound.wav", "-"),
    row("optipng", "optipng", "optipng", "-quiet", "-out", "{d}/small.png", "-clobber", "{d}/image.png",
        files=["small.png"]),
    row("cjpeg", "libjpeg-turbo-progs", "cjpeg", "{d}/image.ppm"),
    row("cwebp", "webp", "cwebp", "-quiet", "{d}/image.ppm", "-o", "-"),
    row("graphviz", "graphviz", "dot", "-Tsvg", "{d}/graph.dot"),
    row("gnuplot", "gnuplot-nox", "gnuplot", "{d}/plot.gp", files=["plot.svg"]),
    row("ghostscript", "ghostscript", "gs", "-q", "-sDEVICE=ppmraw", "-r36", "-o", "-", "{d}/page.ps"),
    row("glpk", "glpk-utils", "glpsol", "--lp", "{d}/model.lp", hide=TIMES),
    row("maxima", "maxima", "maxima", "--very-quiet", "--batch-string", "integrate(sin(x)^2, x);"),
    row("units", "units", "units", "-t", "5 miles", "km"),
    row("LAMMPS", "lammps", "lmp", "-in", "{d}/in.lammps", "-log", "none", hide=r"(?ms)^Loop time.*|" + TIMES),
    row("GROMACS", "gromacs", "gmx", "-quiet", "help", "select"),
    row("MPI, two ranks", "openmpi-bin", "mpirun", "--allow-run-as-root", "--oversubscribe", "-n", "2",
        "{d}/mpi", children=True, **known(400000, 20000, "MPI's own start")),
    row("OpenMP, STREAM, two threads", "gcc", "{d}/stream", env={"OMP_NUM_THREADS": "2"},
        **known(5 * 4 * 2**20, 100, "printing")),
    row("TBB", "libtbb-dev", "{d}/tbb", **known(2 * 2**20, 2000, "the scheduler's and printing")),
    row("LU of 600, as in HPL, one thread", "libopenblas-dev", "{d}/lu", env={"OPENBLAS_NUM_THREADS": "1"},
        **known(LU, LU // 10, "the solver's blocks are scaled and added")),
    row("LU of 600, as in HPL, two threads", "libopenblas-dev", "{d}/lu", env={"OPENBLAS_NUM_THREADS": "2"},
        **known(LU, LU // 10, "the solver's blocks are scaled and added")),
    row("FFTW, 100 transforms of 4,096", "libfftw3-dev", "{d}/fft"),
    row("racket", "racket", "racket", "-n", "-e", "(display (for/sum ([i 100000]) (* i 0.5)))"),
    row("php, opcache's JIT", "php8.2-opcache", "php", "-d", "zend_extension=opcache", "-d",
        "opcache.enable_cli=1", "-d", "opcache.jit_buffer_size=64M", "-d", "opcache.jit=tracing", "-r",
        "function f() { $s = 0; for ($i = 0; $i < 300000; $i++) $s += $i * 0.5; return $s; } echo f();"),
    row("grep -P, PCRE2's JIT", "grep", "grep", "-cP", r"(\d+) line (\d)\d*\2 of", "{d}/words.txt"),
    row("mono, its JIT", "mono-runtime", "mono", "{d}/hello.exe"),
    row("cgo, goroutines", "golang", "{d}/half"),
    row("qemu-user", "qemu-user", "qemu-x86_64", "/bin/echo", "hi"),
    row("valgrind", "valgrind", "valgrind", "-q", "/bin/echo", "hi"),
    row("ecl", "ecl", "ecl", "--norc", "--eval", "(progn (print (* 1.5d0 2)) (quit))"),
    row("clisp", "clisp", "clisp", "-norc", "-q", "-x", "(* 1.5d0 2)"),
    row("gcl", "gcl", "gcl", "-eval", "(print (* 1.5 2))", "-eval", "(quit)"),
    row("pari", "pari-gp", "gp", "-q", input="print(sin(1.5)*3)\nquit\n"),
    row("elixir", "elixir", "elixir", "-e", "IO.puts(Enum.sum(1..1000) * 0.5)"),
    row("emacs", "emacs", "emacs", "--batch", "--eval", "(princ (* 1.5 2))"),
    row("vim", "vim", "vim", "-u", "NONE", "-es", "-c", "put =sqrt(2.0)*3", "-c", "%print", "-c", "qa!"),
    row("curl", "curl", "curl", "-s", "file://{d}/words.txt"),
    row("postgres", "postgresql", "postgres", "--version"),
    row("mariadb", "mariadb-server", "mysqld", "--version"),
    row("jemalloc preloaded", "libjemalloc2", "env", f"LD_PRELOAD={LIBRARIES}/libjemalloc.so.2", PYTHON, "-c",
        "print(sum(i * 0.5 for i in range(1000)))"),
    row("tcmalloc preloaded", "libtcmalloc-minimal4", "env", f"LD_PRELOAD={LIBRARIES}/libtcmalloc_minimal.so.4",
        PYTHON, "-c", "print(sum(i * 0.5 for i in range(1000)))"),
    row("OpenBLAS dgemm 512, one thread", "libopenblas-dev", "{d}/dgemm",
        env={"OPENBLAS_NUM_THREADS": "1"},
        **known(N3, 6 * 512**2, "C is scaled by beta, the product by alpha")),
    row("OpenBLAS dgemm 512, two threads", "libopenblas-dev", "{d}/dgemm",
        env={"OPENBLAS_NUM_THREADS": "2"},
        **known(N3, 6 * 512**2, "C is scaled by beta, the product by alpha")),
    row("stockfish", "stockfish", "sh", "-c",
        "echo bench 16 1 6 default depth | /usr/games/stockfish 2>&1 | grep searched", children=True),
    row("node, worker threads", "nodejs", "/usr/bin/node", "{d}/workers.js"),
    row("ruby, fibers, threads and a fork", "ruby", "ruby", "{d}/fibers.rb", children=True),
    row("perl, threads and an alarm", "perl", "perl", "{d}/threads.pl", children=True),
    row("python3, a pool that is spawned", "python3", PYTHON, "{d}/pool.py", children=True),
    row("luajit, ffi and coroutines", "luajit", "luajit", "{d}/ffi.lua"),
    row("R, two processes", "r-base-core", "R", "--vanilla", "--slave", "-e",
        "library(parallel); print(unlist(mclapply(1:4, function(i) i * 1.5, mc.cores = 2)))", children=True),
    row("file", "file", "file", "-b", "/bin/ls"),
]
SOURCES["workers.js"] = """
const {Worker, isMainThread, parentPort, workerData} = require('worker_threads');
if (isMainThread) {
  let done = 0, sum = 0;
  for (let i = 0; i < 4; i++)
    new Worker(__filename, {workerData: i}).on('message', m => { sum += m; if (++done == 4) console.log(sum); });
} else {
  let x = 1;
  for (let i = 0; i < 200000; i++) x = x * 1.0000001;
  parentPort.postMessage(x + workerData);
}
"""
SOURCES["fibers.rb"] = """
f = Fiber.new { x = 1.0; loop { x *= 1.5; Fiber.yield x } }
10.times { f.resume }
p f.resume
p 4.times.map { Thread.new { (1..10000).sum { |k| k * 0.5 } } }.sum(&:value)
Process.wait(fork { exit 3 })
p $?.exitstatus
"""
SOURCES["threads.pl"] = """
use threads;
print $_->join, "\\n" for map { threads->create(sub { my $x = 1; $x *= 1.5 for 1..20; $x }) } 1..4;
$SIG{ALRM} = sub { die "alarm\\n" };
eval { alarm 1; select(undef, undef, undef, 3) };
print $@, `echo from a shell`;
"""
SOURCES["pool.py"] = """
import multiprocessing
def f(n):
    x = 1.0
    for i in range(n): x = x * 1.0000001
    return x
if __name__ == "__main__":
    multiprocessing.set_start_method("spawn")
    with multiprocessing.Pool(2) as pool: print(pool.map(f, [50000] * 4))
"""
SOURCES["ffi.lua"] = """
local ffi = require "ffi"
ffi.cdef "int abs(int);"
local s, c = 0, coroutine.wrap(function() local x = 1 while true do x = x * 1.0001 coroutine.yield(x) end end)
for i = 1, 100000 do s = s + ffi.C.abs(-i) * 0.5 + c() end
print(s)
"""
SOURCES["hello.ss"] = "(display (* 1.5 2)) (newline)\n"
SOURCES["hello.tcl"] = "set s 0.0\nfor {set i 0} {$i < 20000} {incr i} {set s [expr {$s + $i * 0.5}]}\nputs $s\n"
