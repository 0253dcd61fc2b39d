"""Marks for `flopmeter exec`: what a named part of a Python program executes.

    import flopmeter

    with flopmeter.region("forward"):
        y = model(x)

    @flopmeter.region("loss")
    def loss(y): ...

    $ flopmeter exec -- python3 train.py

A region counts what its thread executes, and what threads execute that have made no mark themselves
(those of NumPy's BLAS, of PyTorch), as long as no other thread has a region open. The interpreter's own
work within it is part of it. Where the program is not counted, nothing happens.

This one file is all there is: copy it beside a script, or let PYTHONPATH name its folder.
"""
import contextlib
import ctypes

__all__ = ["begin", "counted", "end", "region"]


def _marks():
    """The functions of the preloaded library, or None where it is not."""
    library = ctypes.PyDLL(None)  # keeps the interpreter's lock: a mark is short
    try:
        pair = library.flopmeter_counted_region_begin, library.flopmeter_counted_region_end
    except AttributeError:
        return None
    for function in pair:
        function.argtypes, function.restype = [ctypes.c_char_p], None
    return pair


_MARKS = _marks()


def counted():
    """Whether this program runs under `flopmeter exec`."""
    return _MARKS is not None


def begin(name):
    """Opens the region of this name (str, 119 bytes of UTF-8 count) on this thread."""
    if _MARKS is not None:
        _MARKS[0](name.encode())


def end(name):
    """Closes what `begin` of the same name has opened on this thread."""
    if _MARKS is not None:
        _MARKS[1](name.encode())


class region(contextlib.ContextDecorator):  # pylint: disable=invalid-name
    """A context manager, and a decorator of functions, that marks a region of this name."""

    def __init__(self, name):
        if not isinstance(name, str) or not name or "\0" in name:
            raise ValueError(f"the name of a region is a string that is not empty, without NUL: {name!r}")
        self._name = name.encode()

    def __enter__(self):
        if _MARKS is not None:
            _MARKS[0](self._name)
        return self

    def __exit__(self, *error):
        if _MARKS is not None:
            _MARKS[1](self._name)
        return False
