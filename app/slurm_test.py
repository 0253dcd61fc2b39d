#!/usr/bin/env python3
"""A real Slurm of three kinds of machine on loopback: `fleet submit` sends its arrays there, a node is killed in the
middle, and every row is found. Called with the path of flopmeter."""
import glob
import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import unittest

FLOPMETER = os.path.abspath(sys.argv.pop(1))
# What tells the nodes apart: oneDNN's instruction sets, set by the prolog of each task as a site would.
NODES = {"sse": "SSE41", "avx2": "AVX2", "best": "DEFAULT"}
SHARDS = 2
# Far below their roofs: two nodes share one memory here, and a row that beats a roof measured meanwhile is mistrusted
# and measured again when its shard is resumed, as it should be.
BENCH = ["bench", "--layer", "softmax", "groupnorm", "--backend", "onednn", "--benchmark_repetitions=1",
         "--benchmark_min_time=0.1"]
CONFIGURATION = """
ClusterName=loopback
SlurmctldHost=localhost
SlurmctldPort={controller}
SlurmUser=root
SlurmdUser=root
AuthType=auth/none
CredType=cred/none
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/linear
JobAcctGatherType=jobacct_gather/none
SwitchType=switch/none
ReturnToService=2
SlurmctldTimeout=10
SlurmdTimeout=5
KillWait=1
SchedulerParameters=bf_interval=1,sched_interval=1,sched_min_interval=0
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool.%n
SlurmctldPidFile={folder}/controller.pid
SlurmdPidFile={folder}/%n.pid
SlurmctldLogFile={folder}/controller.log
SlurmdLogFile={folder}/%n.log
TaskProlog={folder}/prolog
PartitionName=all Nodes=ALL Default=YES State=UP MaxTime=INFINITE
"""


def free_ports(count):
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports


class Cluster:
    """The daemons of a cluster, in a folder. They see no configuration but their own."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.daemons = {}
        controller, *ports = free_ports(1 + len(NODES))
        (self.folder / "state").mkdir()
        text = CONFIGURATION.format(folder=folder, controller=controller)
        prolog = "#!/bin/sh\ncase $SLURMD_NODENAME in\n"
        for (name, isa), port in zip(NODES.items(), ports):
            text += f"NodeName={name} NodeHostname=localhost NodeAddr=127.0.0.1 Port={port} CPUs=1 Feature={name}\n"
            prolog += f"{name}) echo export ONEDNN_MAX_CPU_ISA={isa} ;;\n"
        (self.folder / "slurm.conf").write_text(text, encoding="utf-8")
        (self.folder / "prolog").write_text(prolog + "esac\n", encoding="utf-8")
        os.chmod(self.folder / "prolog", 0o755)
        self.environment = {**os.environ, "SLURM_CONF": str(self.folder / "slurm.conf")}
        self.start("controller", ["slurmctld", "-D"])
        for name in NODES:
            self.start(name, ["slurmd", "-D", "-N", name])

    def start(self, name, command):
        with open(self.folder / f"{name}.out", "ab") as log:
            self.daemons[name] = subprocess.Popen(command, env=self.environment, stdout=log, stderr=log)

    def ask(self, *command):
        done = subprocess.run(command, env=self.environment, capture_output=True, text=True, check=False, timeout=20)
        return done.stdout.strip()

    def kill_node(self, name):
        """As if its power were cut: nothing of it lives to say how the rest ended."""
        self.daemons[name].kill()
        self.daemons[name].wait()
        tasks = [one for one in pathlib.Path("/proc").glob("[0-9]*") if self.runs_on(one, name)]
        parents = {(one / "stat").read_text(encoding="utf-8").rpartition(")")[2].split()[1] for one in tasks}
        steps = [int(one) for one in parents
                 if pathlib.Path(f"/proc/{one}/comm").read_text(encoding="utf-8").startswith("slurmstepd")]
        for process in steps + [int(one.name) for one in tasks]:
            os.kill(process, signal.SIGKILL)

    def runs_on(self, process, name):
        try:
            words = (process / "environ").read_bytes().split(b"\0")
        except OSError:
            return False
        return (f"SLURMD_NODENAME={name}".encode() in words and
                f"SLURM_CONF={self.environment['SLURM_CONF']}".encode() in words)

    def stop(self):
        for daemon in self.daemons.values():
            daemon.terminate()
        for daemon in self.daemons.values():
            try:
                daemon.wait(10)
            except subprocess.TimeoutExpired:
                daemon.kill()


def rows(path):
    if not os.path.exists(path):
        return []
    with open(path, encoding="utf-8") as file:
        lines = [json.loads(line) for line in file if line.endswith("\n")]
    return [line for line in lines if line["type"] == "record"]


@unittest.skipUnless(shutil.which("slurmctld") and shutil.which("slurmd"), "Slurm is not installed")
@unittest.skipUnless(os.geteuid() == 0, "only root can start a node that runs jobs of its user")
class Slurm(unittest.TestCase):
    def setUp(self):
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.folder = temporary.name
        self.cluster = Cluster(self.folder)
        self.addCleanup(self.cluster.stop)

    def until(self, what, seconds, condition):
        end = time.monotonic() + seconds
        while not condition():
            if time.monotonic() > end:
                logs = "".join(f"{path}:\n{pathlib.Path(path).read_text(errors='replace')[-1500:]}\n"
                               for path in sorted(glob.glob(f"{self.folder}/*.log") +
                                                  glob.glob(f"{self.folder}/out/*.log")))
                self.fail(f"{what}: not within {seconds} s\n{self.cluster.ask('squeue', '-a')}\n{logs}")
            time.sleep(0.2)

    def test_a_node_that_is_lost_loses_no_row(self):
        self.until("the nodes are there", 60, lambda: self.cluster.ask("sinfo", "-h", "-N", "-t", "idle").count("\n") == 2)
        out = f"{self.folder}/out"
        sent = subprocess.run([FLOPMETER, "fleet", "submit", "--constraint", ",".join(NODES), "--shards", str(SHARDS),
                               "--folder", out, "--program", FLOPMETER, "--submit", "--", *BENCH],
                              env=self.cluster.environment, capture_output=True, text=True, check=False)
        self.assertEqual(sent.returncode, 0, sent.stderr)
        lost = f"{out}/avx2-0.jsonl"
        self.until("the node has begun", 60, lambda: len(rows(lost)) > 2)
        self.cluster.kill_node("avx2")
        before = rows(lost)
        self.until("the loss is noticed", 90, lambda: "down" in self.cluster.ask("sinfo", "-h", "-n", "avx2", "-o", "%t"))
        self.cluster.start("avx2", ["slurmd", "-D", "-N", "avx2"])
        self.cluster.ask("scontrol", "update", "NodeName=avx2", "State=RESUME")
        # Slurm waits two minutes with a job whose node failed; an administrator need not.
        def hurry():
            for job in self.cluster.ask("squeue", "-h", "-t", "PD", "-o", "%i %r").splitlines():
                if "BeginTime" in job:
                    self.cluster.ask("scontrol", "update", f"JobId={job.split()[0]}", "StartTime=now")
            return self.cluster.ask("squeue", "-h") == ""
        self.until("all jobs have ended", 150, hurry)

        merged = rows(f"{out}/all.jsonl")
        log = pathlib.Path(f"{out}/merge.log").read_text(encoding="utf-8")
        self.assertNotIn("missing", log)
        whole = subprocess.run([FLOPMETER, *BENCH, "--json"], capture_output=True, text=True, check=True)
        lines = [json.loads(line) for line in whole.stdout.splitlines()]
        names = [line["name"] for line in lines if line["type"] == "record"]
        self.assertEqual(sorted(row["name"] for row in merged), sorted(names * len(NODES)))
        # It was lost in the middle, and what was measured before that was kept, not measured again.
        self.assertLess(len(before), len(rows(lost)))
        for row in before:
            self.assertIn(row, merged)


if __name__ == "__main__":
    unittest.main()
