"""What a process has taken of the machine, as /proc has it (proc_pid_stat(5), proc_pid_status(5))."""

import os
from pathlib import Path


def cpu_s(process_id: int) -> float:
    """Its own and the system's for it, all threads, from its start."""
    fields = Path(f"/proc/{process_id}/stat").read_text("ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def peak_mib(process_id: int) -> float:
    """The most memory it has held at a time, from its start."""
    lines = Path(f"/proc/{process_id}/status").read_text("ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) / 1024
