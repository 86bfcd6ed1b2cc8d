"""Runs the kernel: `python -m jupyter_dbx.kernel -f CONNECTION_FILE`."""

from __future__ import annotations

from ipykernel.kernelapp import IPKernelApp

from jupyter_dbx.kernel.app import DriverKernel

if __name__ == "__main__":
    IPKernelApp.launch_instance(kernel_class=DriverKernel)
