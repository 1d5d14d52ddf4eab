"""Faults from outside: system calls that fail, a file system that dies."""
import ctypes
import fcntl
import os

from .box import Skip, need


def shut_down(place):
    """EXT4_IOC_SHUTDOWN without log flush: the file system is dead at once, as after a power cut."""
    folder = os.open(place, os.O_RDONLY)
    try:
        fcntl.ioctl(folder, 0x8004587D, ctypes.c_uint32(2))
    except OSError as error:
        raise Skip("no shut-down ioctl: %s" % error) from None
    finally:
        os.close(folder)


def injected(fault, path=None, trace=None):
    """strace words that inject a fault into the first program's calls."""
    need("strace")
    call = fault.split(":")[0]
    words = ["strace", "-f", "-qq", "-o", trace or "/dev/null", "-e", "trace=" + call, "-e", "inject=" + fault]
    return words + (["-P", path] if path else [])
