# SPDX-FileCopyrightText: 2026 logtap contributors
# SPDX-License-Identifier: Apache-2.0
"""Python's logging through logtap: one file, nothing to build.

    import logging, logtap
    logging.getLogger().addHandler(logtap.Handler())

Under `logtap run` each record becomes a structured event: the logger's name is
the scope, the level the severity, the message the body; exceptions, code place
and thread name become attributes, and the trace context is that of the span
that the thread is in. Without the library the handler does nothing.
"""
import contextlib
import ctypes
import logging
import traceback

__all__ = ["Handler", "available", "span"]

_END, _STRING, _INT, _BODY = 0, 1, 3, 8


class _Attr(ctypes.Structure):
    _fields_ = [("key", ctypes.c_char_p), ("kind", ctypes.c_uint32),
                ("bytes", ctypes.c_uint32), ("integer", ctypes.c_int64),
                ("real", ctypes.c_double), ("data", ctypes.c_char_p)]


def _load():
    try:
        library = ctypes.CDLL(None)
        library.logtap_api_version.restype = ctypes.c_uint
        if library.logtap_api_version() != 1:
            return None
        library.logtap_event_enabled.argtypes = [ctypes.c_int, ctypes.c_char_p]
        library.logtap_event_emit.argtypes = [
            ctypes.c_int, ctypes.c_char_p, ctypes.c_char_p,
            ctypes.POINTER(_Attr)]
        library.logtap_event_emit.restype = None
        for name, arguments in (("new", [ctypes.c_char_p, ctypes.c_uint64]),
                                ("enter", [ctypes.c_uint64]),
                                ("exit", [ctypes.c_uint64]),
                                ("close", [ctypes.c_uint64])):
            getattr(library, "logtap_span_" + name).argtypes = arguments
        library.logtap_span_new.restype = ctypes.c_uint64
        return library
    except (OSError, AttributeError):
        return None


_library = _load()


def available():
    """Is the program captured by logtap?"""
    return _library is not None


def _severity(level):
    """Python's levels are ten apart, OpenTelemetry's four."""
    if level >= logging.CRITICAL:
        return 21
    return max(1, min(20, 1 + (level // 10) * 4 + (level % 10) * 4 // 10))


def _text(value):
    return value.encode("utf-8", "replace")


class Handler(logging.Handler):
    """A logging handler that emits structured events."""

    def emit(self, record):
        if _library is None:
            return
        target = _text(record.name)
        severity = _severity(record.levelno)
        if not _library.logtap_event_enabled(severity, target):
            return
        try:
            texts = [(None, _BODY, _text(record.getMessage())),
                     (b"code.file.path", _STRING, _text(record.pathname)),
                     (b"code.function.name", _STRING,
                      _text(record.funcName or ""))]
            if record.exc_info and record.exc_info[0]:
                kind, value, trace = record.exc_info
                texts += [
                    (b"exception.type", _STRING, _text(kind.__name__)),
                    (b"exception.message", _STRING, _text(str(value))),
                    (b"exception.stacktrace", _STRING, _text("".join(
                        traceback.format_exception(kind, value, trace))))]
            attributes = [_Attr(key, kind, len(data), 0, 0, data)
                          for key, kind, data in texts if data]
            attributes.append(_Attr(b"code.line.number", _INT, 0,
                                    record.lineno, 0, None))
            attributes.append(_Attr(None, _END, 0, 0, 0, None))
            _library.logtap_event_emit(
                severity, target, b"", (_Attr * len(attributes))(*attributes))
        except Exception:  # pylint: disable=broad-except
            self.handleError(record)


@contextlib.contextmanager
def span(name):
    """What the thread logs inside, by whatever way, carries this span."""
    if _library is None:
        yield 0
        return
    identity = _library.logtap_span_new(_text(name), 0)
    entered = _library.logtap_span_enter(identity) >= 0
    try:
        yield identity
    finally:
        if entered:
            _library.logtap_span_exit(identity)
        _library.logtap_span_close(identity)
