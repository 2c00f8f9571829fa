"""A sharded sweep through sbatch, merged, is the sweep of the local pool.

Starts a Slurm of its own on loopback (munged, slurmctld, slurmd; configuration, keys, state and sockets in a
temporary folder) and ends it afterwards.

    slurm_test.py FEWBIT SWEEP_FILE
"""
# SPDX-License-Identifier: Apache-2.0
import contextlib
import getpass
import os
import socket
import subprocess
import sys
import tempfile
import time

import databases

SHARDS = 3
SECONDS_TO_START = 60
SECONDS_TO_RUN = 1800

CONFIGURATION = """\
ClusterName=fewbit
SlurmctldHost={host}(127.0.0.1)
SlurmUser={user}
SlurmdUser={user}
AuthType=auth/munge
AuthInfo=socket={folder}/munge.socket
SlurmctldPort={controller_port}
SlurmdPort={node_port}
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd.pid
SlurmctldLogFile={folder}/slurmctld.log
SlurmdLogFile={folder}/slurmd.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
SelectType=select/cons_tres
MpiDefault=none
ReturnToService=2
MailProg=/bin/true
NodeName={host} NodeAddr=127.0.0.1 CPUs=2 State=UNKNOWN
PartitionName=all Nodes={host} Default=YES MaxTime=INFINITE State=UP
"""


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def tail(path):
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return "".join(file.readlines()[-15:])
    except OSError as error:
        return str(error)


@contextlib.contextmanager
def slurm(folder):
    """The environment of its commands; the daemons end with the context."""
    host = socket.gethostname().split(".")[0]
    for name in ("state", "spool"):
        os.makedirs(os.path.join(folder, name))
    key = os.path.join(folder, "munge.key")
    with open(key, "wb") as file:
        file.write(os.urandom(1024))
    os.chmod(key, 0o600)
    configuration = os.path.join(folder, "slurm.conf")
    with open(configuration, "w", encoding="ascii") as file:
        file.write(CONFIGURATION.format(host=host, user=getpass.getuser(), folder=folder,
                                        controller_port=free_port(), node_port=free_port()))
    environment = dict(os.environ, SLURM_CONF=configuration)
    path = os.environ["PATH"] + ":/usr/sbin:/sbin"
    environment["PATH"] = path
    daemons = []

    def start(*command):
        log = open(os.path.join(folder, command[0] + ".out"), "wb")
        daemons.append(subprocess.Popen(command, env=environment, stdout=log, stderr=log))
        log.close()

    def output(*command):
        done = subprocess.run(command, env=environment, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True, check=False)
        return done.stdout if done.returncode == 0 else ""

    def wait_for(what, condition):
        for _ in range(SECONDS_TO_START * 5):
            if condition():
                return
            time.sleep(0.2)
        logs = "".join(f"--- {name}\n{tail(os.path.join(folder, name))}"
                       for name in sorted(os.listdir(folder)) if name.endswith((".out", ".log")))
        sys.exit(f"slurm_test: {what} did not start in {SECONDS_TO_START} s\n{logs}")

    try:
        munge_socket = os.path.join(folder, "munge.socket")
        start("munged", "--foreground", "--force", "--key-file=" + key,
              "--socket=" + munge_socket, "--num-threads=2",
              *(f"--{name}-file={folder}/munge.{name}" for name in ("pid", "log", "seed")))
        wait_for("munged", lambda: os.path.exists(munge_socket))
        start("slurmctld", "-D")
        start("slurmd", "-D", "-N", host)
        wait_for("Slurm", lambda: output("sinfo", "-h", "-o", "%t").strip() == "idle")
        yield environment
    finally:
        for daemon in reversed(daemons):
            daemon.terminate()
        for daemon in daemons:
            try:
                daemon.wait(timeout=20)
            except subprocess.TimeoutExpired:
                daemon.kill()
                daemon.wait()


def run(*command, **options):
    return subprocess.run(command, check=True, **options)


def main():
    fewbit, sweep = os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2])
    plan = run(fewbit, "sweep", "plan", sweep, stdout=subprocess.PIPE, text=True).stdout
    with tempfile.TemporaryDirectory() as folder:
        shards = os.path.join(folder, "shards")
        script = os.path.join(folder, "sweep.sh")
        run(fewbit, "sweep", "slurm", sweep, "--folder", shards, "--shards", str(SHARDS), "--jobs",
            "1", "-o", script)
        with slurm(folder) as environment:
            job = run("sbatch", "--parsable", script, stdout=subprocess.PIPE, text=True,
                      env=environment, cwd=folder).stdout.strip()
            print(f"sbatch: job {job}, {SHARDS} shards", flush=True)
            end = time.monotonic() + SECONDS_TO_RUN
            while run("squeue", "-h", "-j", job, stdout=subprocess.PIPE, env=environment).stdout:
                if time.monotonic() > end:
                    run("scancel", job, env=environment)
                    sys.exit(f"slurm_test: job {job} took longer than {SECONDS_TO_RUN} s")
                time.sleep(0.5)
        each = [os.path.join(shards, f"shard-{i}.sqlite") for i in range(1, SHARDS + 1)]
        for i, database in enumerate(each, 1):
            if not os.path.exists(database):
                sys.exit(f"slurm_test: no {database}\n{tail(f'{shards}/shard-{i}.log')}")
            print(f"shard {i}: {len(databases.rows_of(database))} rows")
        merged, local = (os.path.join(folder, name) for name in ("merged.sqlite", "local.sqlite"))
        run(fewbit, "sweep", "merge", *each, "-o", merged)
        run(fewbit, "sweep", "run", sweep, "--db", local)
        jobs = len(plan.splitlines())
        databases.assert_equal(merged, local, jobs)
        print(f"{jobs} rows through Slurm equal to those of the local pool")


if __name__ == "__main__":
    main()
