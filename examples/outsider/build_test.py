"""The example builds against an installed flopmeter, away from the repository, and counts right.

build_test.py CMAKE BUILD_FOLDER COMPILER
"""

import pathlib
import re
import subprocess
import sys
import tempfile


def run(*command, cwd):
    """What a command prints that has to succeed."""
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        sys.exit(f"{' '.join(map(str, command))}\n{done.stdout}{done.stderr}")
    return done.stdout + done.stderr


def installed(cmake, build, prefix):
    """What a person has of an installed program."""
    run(cmake, "--install", build, "--prefix", prefix, cwd=prefix.parent)
    for page in ("bash-completion/completions/flopmeter", "zsh/site-functions/_flopmeter",
                 "fish/vendor_completions.d/flopmeter.fish"):
        assert (prefix / "share" / page).read_text(), page
    for page in ("flopmeter", "flopmeter-bench"):
        assert list((prefix / "share/man/man1").glob(f"{page}.1*")), page
    return prefix / "bin" / "flopmeter"


def outsider(cmake, generator, compiler, prefix):
    """A copy of the example, built with nothing but the prefix."""
    source = pathlib.Path(__file__).parent
    folder = prefix.parent / "outsider"
    folder.mkdir()
    for name in ("CMakeLists.txt", "main.cpp"):
        (folder / name).write_text((source / name).read_text())
    run(cmake, "-G", generator, "-S", folder, "-B", folder / "build", f"-DCMAKE_PREFIX_PATH={prefix}",
        f"-DCMAKE_CXX_COMPILER={compiler}", "-DCMAKE_BUILD_TYPE=Release", cwd=folder)
    run(cmake, "--build", folder / "build", cwd=folder)
    return folder / "build" / "outsider"


def main():
    cmake, build, generator, compiler = sys.argv[1:]
    build = pathlib.Path(build).resolve()
    with tempfile.TemporaryDirectory() as folder:
        prefix = pathlib.Path(folder) / "prefix"
        flopmeter = installed(cmake, build, prefix)
        program = outsider(cmake, generator, compiler, prefix)
        said = run(program, cwd=folder)
        assert "algorithm: 1000 MACs\n" in said, said
        if "not counted" in said:
            print(said, end="")
            return
        assert "machine code: 1000 multiplies" in said, said
        # The installed program finds its library from any folder, and the region its name.
        counted = run(flopmeter, "exec", "--", program, cwd=folder)
        assert re.search(r"^ +1 +1 .* 2,000 .* dot$", counted, re.MULTILINE), counted


main()
