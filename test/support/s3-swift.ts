import { execFileSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { S3Engine, S3Layout } from './s3-server.ts'

/** Not the SDKs' default, and of a form that an address must encode. */
const accessKeyId = 'packyard:admin'

/** OpenStack Swift with its S3 interface: one of each server, one copy, started from nothing in some seconds. */
export const swift: S3Engine = {
  name: 'swift',
  parts: ['swift-proxy-server', 'swift-object-server', 'swift-container-server', 'swift-account-server'],
  packages: 'swift-proxy swift-account swift-container swift-object',
  ports: 4,
  accessKeyId,
  readyPath: '/healthcheck',
  prepare: (layout) => prepare(layout, []),
}

/** The same with encryption by the store itself, which `sse` asks for. */
export const encryptingSwift: S3Engine = {
  ...swift,
  name: 'swift that encrypts',
  prepare: (layout) => prepare(layout, ['keymaster', 'encryption']),
}

function prepare({ folder, ports, secretAccessKey }: S3Layout, filters: readonly string[]) {
  const [proxy = 0, object = 0, container = 0, account = 0] = ports
  const device = join(folder, 'devices', 'disk')
  mkdirSync(device, { recursive: true })
  const write = (name: string, text: string) => writeFileSync(join(folder, name), text)
  const servers = { object, container, account }
  write('swift.conf', '[swift-hash]\nswift_hash_path_suffix = tests\n[storage-policy:0]\nname = one\ndefault = yes\n')
  for (const [kind, port] of Object.entries(servers)) write(`${kind}.conf`, storageServer(kind, folder, port))
  write('proxy.conf', proxyServer(folder, proxy, secretAccessKey, filters))
  write('memory_cache.py', memoryCache)
  write('serve.py', launcher)
  const ringPorts = Object.entries(servers).map(([kind, port]) => `${kind}=${port}`)
  return [['/usr/bin/python3', join(folder, 'serve.py'), folder, ...ringPorts]]
}

const limits = 'workers = 0\nbacklog = 1024\nlog_level = WARNING\nlog_address = /dev/null'

function storageServer(kind: string, folder: string, port: number): string {
  return `[DEFAULT]
bind_ip = 127.0.0.1
bind_port = ${port}
user = ${userName()}
swift_dir = ${folder}
devices = ${join(folder, 'devices')}
mount_check = false
disable_fallocate = true
fallocate_reserve = 0
${limits}
[pipeline:main]
pipeline = ${kind}-server
[app:${kind}-server]
use = egg:swift#${kind}
recon_cache_path = ${folder}
`
}

/** Multipart uploads are what Swift calls static large objects; copies and listings need filters of their own. */
function proxyServer(folder: string, port: number, secretAccessKey: string, filters: readonly string[]): string {
  const plain = [
    'catch_errors',
    'gatekeeper',
    'healthcheck',
    'listing_formats',
    'bulk',
    'copy',
    'slo',
    'dlo',
    'symlink',
  ]
  return `[DEFAULT]
bind_ip = 127.0.0.1
bind_port = ${port}
user = ${userName()}
swift_dir = ${folder}
${limits}
[pipeline:main]
pipeline = catch_errors gatekeeper healthcheck memory listing_formats bulk s3api tempauth copy slo dlo symlink ${filters.join(' ')} proxy-server
[app:proxy-server]
use = egg:swift#proxy
account_autocreate = true
allow_account_management = true
[filter:memory]
paste.filter_factory = memory_cache:make
[filter:s3api]
use = egg:swift#s3api
location = us-east-1
max_upload_part_num = 10000
[filter:keymaster]
use = egg:swift#keymaster
encryption_root_secret = ${Buffer.from(secretAccessKey.padEnd(32, '0')).toString('base64')}
[filter:encryption]
use = egg:swift#encryption
[filter:tempauth]
use = egg:swift#tempauth
user_packyard_admin = ${secretAccessKey} .admin .reseller_admin
${plain.map((name) => `[filter:${name}]\nuse = egg:swift#${name}\n`).join('')}`
}

function userName(): string {
  return execFileSync('id', ['-un'], { encoding: 'utf8' }).trim()
}

/** Tokens and container facts are kept in a cache that is usually another server; here it is a dictionary. */
const memoryCache = `
import time

class Memory(object):
    def __init__(self):
        self.kept = {}

    def get(self, key, raise_on_error=False):
        value, ends = self.kept.get(key, (None, 0))
        return value if not ends or ends > time.time() else None

    def set(self, key, value, serialize=True, time=0, min_compress_len=0, raise_on_error=False):
        self.kept[key] = (value, end_of(time))

    def incr(self, key, delta=1, time=0):
        value = int(self.get(key) or 0) + int(delta)
        self.kept[key] = (value, end_of(time))
        return value

    def decr(self, key, delta=1, time=0):
        return self.incr(key, -int(delta), time)

    def delete(self, key, server_key=None):
        self.kept.pop(key, None)

    def set_multi(self, mapping, server_key, serialize=True, time=0, min_compress_len=0):
        for key, value in mapping.items():
            self.set(key, value, time=time)

    def get_multi(self, keys, server_key):
        return [self.get(key) for key in keys]

def end_of(seconds):
    return seconds if not seconds or seconds > 2592000 else time.time() + seconds

def make(global_conf, **conf):
    memory = Memory()
    def wrap(app):
        def call(environ, start_response):
            environ['swift.cache'] = memory
            return app(environ, start_response)
        return call
    return wrap
`

/**
 * All four servers, forked from one process, as each would load for seconds by itself; with rings of the one disk.
 * Swift's own launchers read swift.conf from the system's folder alone.
 */
const launcher = `
import os, signal, sys
folder, rings = sys.argv[1], dict(pair.split('=') for pair in sys.argv[2:])
sys.path.insert(0, folder)
from swift.common import utils
utils.set_swift_dir(folder)
from swift.common import constraints, storage_policy
constraints.reload_constraints()
storage_policy.reload_storage_policies()
from swift.common.ring import RingBuilder
from swift.common.wsgi import run_wsgi
from swift.obj import server as object_server

for kind, port in rings.items():
    builder = RingBuilder(4, 1, 0)
    address = {'ip': '127.0.0.1', 'port': int(port), 'replication_ip': '127.0.0.1', 'replication_port': int(port)}
    builder.add_dev(dict(address, id=0, region=1, zone=1, device='disk', weight=1.0, meta=''))
    builder.rebalance()
    builder.get_ring().save(os.path.join(folder, kind + '.ring.gz'))

children = []
for kind in ['account', 'container', 'object', 'proxy']:
    child = os.fork()
    if child == 0:
        more = {'verbose': True}
        if kind == 'object':
            more['global_conf_callback'] = object_server.global_conf_callback
        failed = run_wsgi(os.path.join(folder, kind + '.conf'), kind + '-server', **more)
        sys.stdout.flush()
        os._exit(failed or 0)
    children.append(child)

def end(number, frame):
    for child in children:
        os.kill(child, signal.SIGTERM)
signal.signal(signal.SIGTERM, end)
for child in children:
    os.waitpid(child, 0)
`
