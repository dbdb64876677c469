"""Start a program written for Azure Batch AI inside an Azure ML run.

It sets the variables that Batch AI used to set, runs the job preparation once on every node, picks the
arguments of the role that this process has, and starts the program. What to do stands in the variable
BATCHAI_LAUNCH or in batchai_launch.json beside this file. Python 2.7 and 3.4 or newer, standard library only.
"""
from __future__ import print_function

import json
import os
import subprocess
import sys
import tempfile
import time

RANKS = ('RANK', 'OMPI_COMM_WORLD_RANK', 'PMI_RANK', 'AZ_BATCHAI_TASK_INDEX')
LOCAL_RANKS = ('LOCAL_RANK', 'OMPI_COMM_WORLD_LOCAL_RANK', 'MPI_LOCALRANKID')


def first(names, default):
    """The first of these environment variables that is set."""
    for name in names:
        if os.environ.get(name):
            return os.environ[name]
    return default


def make_folder(path):
    try:
        os.makedirs(path)
    except OSError:
        if not os.path.isdir(path):
            raise


def take_bindings(words):
    """Set the variables that --bai-* options name; the other words are the program's own."""
    rest, mounts, at = [], {}, 0
    while at < len(words):
        word = words[at]
        if word.startswith('--bai-') and at + 1 < len(words):
            option, value = word[len('--bai-'):], words[at + 1]
            if option.startswith('input-'):
                os.environ['AZ_BATCHAI_INPUT_' + option[len('input-'):]] = value
            elif option.startswith('output-'):
                make_folder(value)
                os.environ['AZ_BATCHAI_OUTPUT_' + option[len('output-'):]] = value
            elif option.startswith('mount-'):
                mounts[option[len('mount-'):]] = value
            elif option == 'shared-temp':
                make_folder(value)
                os.environ['AZ_BATCHAI_SHARED_JOB_TEMP'] = value
            else:
                sys.exit('batchai_launch: unknown option ' + word)
            at += 2
        else:
            rest.append(word)
            at += 1
    if mounts:
        root = tempfile.mkdtemp(prefix='batchai_mounts_')
        for name, path in mounts.items():
            link = os.path.join(root, name)
            make_folder(os.path.dirname(link))
            os.symlink(path, link)
        os.environ['AZ_BATCHAI_JOB_MOUNT_ROOT'] = os.environ['AZ_BATCHAI_MOUNT_ROOT'] = root
    return rest


def find_role():
    """Set rank and hosts; return the role and the number within it as Batch AI counted them."""
    role, index = 'worker', int(first(RANKS, '0'))
    config = json.loads(os.environ.get('TF_CONFIG') or '{}')
    if config.get('cluster'):
        cluster, task = config['cluster'], config['task']
        chiefs = cluster.get('chief', []) + cluster.get('master', [])
        workers = chiefs + cluster.get('worker', [])
        role, index = task['type'], int(task['index'])
        if role in ('chief', 'master'):
            role = 'worker'
        elif role == 'worker':
            index += len(chiefs)
        os.environ['AZ_BATCHAI_WORKER_HOSTS'] = ','.join(workers)
        os.environ['AZ_BATCHAI_PS_HOSTS'] = ','.join(cluster.get('ps', []))
    os.environ['AZ_BATCHAI_TASK_INDEX'] = str(index)
    os.environ.setdefault('AZ_BATCHAI_PYTORCH_INIT_METHOD', 'env://')
    return role, index


def node_folder(run):
    """A folder that all processes of the run on this node share."""
    folder = os.path.join(tempfile.gettempdir(), 'batchai_' + run)
    make_folder(folder)
    return folder


def count_gpus():
    try:
        listing = subprocess.check_output(['nvidia-smi', '-L'])
    except (OSError, subprocess.CalledProcessError):
        return '0'
    return str(len(listing.splitlines()))


def prepare(command, folder, local_rank):
    """Run the preparation in the first process of the node; the others wait for its exit status."""
    done = os.path.join(folder, 'prepared')
    if local_rank == 0:
        status = subprocess.call(['/bin/bash', '-c', command])
        with open(done + '.part', 'w') as handle:
            handle.write(str(status))
        os.rename(done + '.part', done)
    while not os.path.exists(done):
        time.sleep(0.2)
    with open(done) as handle:
        status = int(handle.read())
    if status:
        sys.exit(status)


def fetch_secrets(wanted):
    """Read Key Vault secrets into the environment; the image needs azure-identity and azure-keyvault-secrets."""
    from azure.identity import DefaultAzureCredential
    from azure.keyvault.secrets import SecretClient
    for name, source in wanted.items():
        client = SecretClient(source['vault'], DefaultAzureCredential())
        os.environ[str(name)] = client.get_secret(source['name'], source.get('version')).value


def read_plan(folder):
    """The plan that came with the run, or the file beside this one."""
    if os.environ.get('BATCHAI_LAUNCH'):
        return json.loads(os.environ['BATCHAI_LAUNCH'])
    with open(os.path.join(folder, 'batchai_launch.json')) as handle:
        return json.load(handle)


def main(words):
    here = os.path.dirname(os.path.abspath(__file__))
    plan = read_plan(here)
    rest = take_bindings(words)
    role, index = find_role()
    folder = node_folder(first(('AZUREML_RUN_ID', 'AZUREML_ROOT_RUN_ID'), 'run'))
    for name in ('AZ_BATCHAI_JOB_TEMP', 'AZ_BATCHAI_JOB_TEMP_DIR'):
        os.environ.setdefault(name, folder)
    if not os.environ.get('AZ_BATCHAI_NUM_GPUS'):
        os.environ['AZ_BATCHAI_NUM_GPUS'] = os.environ['AZ_BATCHAI_NUM_GPUS_PER_NODE'] = count_gpus()
    make_folder('logs')
    os.environ.setdefault('AZ_BATCHAI_STDOUTERR_DIR', os.path.abspath('logs'))
    for name, value in plan.get('env', {}).items():
        os.environ[str(name)] = os.path.expandvars(value)
    if plan.get('secrets'):
        fetch_secrets(plan['secrets'])
    if plan.get('prepare'):
        prepare(plan['prepare'], folder, int(first(LOCAL_RANKS, '0')))
    if plan.get('rank0_only') and index:
        return 0
    if plan.get('command'):
        return subprocess.call(['/bin/bash', '-c', plan['command']])
    by_role = plan.get('role_args', {})
    if role == 'worker' and index == 0 and 'master' in by_role:
        role = 'master'
    own = [os.path.expandvars(word) for word in plan.get('args', []) + by_role.get(role, []) + rest]
    script = os.path.join(here, os.path.expandvars(plan['script']))
    started = [plan.get('python') or sys.executable, script] + own
    if plan.get('line'):
        return subprocess.call(['/bin/bash', '-c', '"$0" "$@" ' + plan['line']] + started)
    return subprocess.call(started)


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
