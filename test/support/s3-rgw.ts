import { execFileSync } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { S3Engine } from './s3-server.ts'

/** Ceph's object gateway on one monitor and one store, started from nothing in about twenty seconds. */
export const rgw: S3Engine = {
  name: 'rgw',
  parts: ['ceph-mon', 'ceph-osd', 'radosgw', 'radosgw-admin'],
  packages: 'ceph-mon ceph-osd ceph-common radosgw',
  ports: 2,
  accessKeyId: 'packyard',
  readyPath: '/',
  prepare({ folder, ports: [gateway = 0, monitor = 0], secretAccessKey }) {
    const conf = join(folder, 'ceph.conf')
    const [id, store] = [randomUUID(), randomUUID()]
    for (const name of ['mon', 'osd', 'rgw']) mkdirSync(join(folder, name))
    writeFileSync(conf, configuration(folder, monitor, id))
    const run = (program: string, ...args: string[]) => execFileSync(program, args, { stdio: 'ignore' })
    const keys = join(folder, 'keyring')
    run('ceph-authtool', '--create-keyring', keys, '--gen-key', '-n', 'mon.', '--cap', 'mon', 'allow *')
    run('ceph-authtool', keys, '--gen-key', '-n', 'client.admin', '--cap', 'mon', 'allow *', '--cap', 'osd', 'allow *')
    const map = join(folder, 'monmap')
    run('monmaptool', '--create', '--addv', 'a', `v1:127.0.0.1:${monitor}`, '--fsid', id, map)
    run('ceph-mon', '-c', conf, '--mkfs', '-i', 'a', '--monmap', map, '--keyring', keys)
    const ceph = `ceph -c ${conf}`
    const user = `--uid=packyard --display-name=packyard --access-key=packyard --secret-key=${secretAccessKey}`
    // Without tcp_nodelay every small answer waits for a delayed acknowledgement.
    const frontend = `beast endpoint=127.0.0.1:${gateway} tcp_nodelay=1`
    return [
      ['ceph-mon', '-f', '-c', conf, '-i', 'a'],
      [
        'sh',
        '-ec',
        `${ceph} osd new ${store}
         ${ceph} osd crush add osd.0 1.0 root=default host=local
         ceph-osd -c ${conf} --mkfs -i 0 --osd-uuid ${store}
         exec ceph-osd -f -c ${conf} -i 0`,
      ],
      [
        'sh',
        '-ec',
        `until ${ceph} osd stat | grep -q '1 up'; do sleep 0.2; done
         radosgw-admin -c ${conf} user create ${user}
         exec radosgw -f -c ${conf} -n client.rgw --rgw-frontends='${frontend}'`,
      ],
    ]
  },
}

function configuration(folder: string, monitor: number, id: string): string {
  const quiet = ['mon', 'osd', 'bluestore', 'bluefs', 'bdev', 'rocksdb', 'paxos', 'ms', 'rgw']
  return `[global]
fsid = ${id}
mon host = v1:127.0.0.1:${monitor}
mon initial members = a
ms bind msgr2 = false
public addr = 127.0.0.1
cluster addr = 127.0.0.1
auth cluster required = none
auth service required = none
auth client required = none
osd pool default size = 1
osd pool default min size = 1
osd pool default pg num = 4
osd pool default pgp num = 4
osd pool default pg autoscale mode = off
osd crush chooseleaf type = 0
mon allow pool size one = true
mon max pg per osd = 1000
mon data avail warn = 2
mon data avail crit = 1
mon data = ${join(folder, 'mon')}
osd data = ${join(folder, 'osd')}
osd objectstore = bluestore
bluestore block create = true
bluestore block size = 21474836480
osd memory target = 939524096
rgw data = ${join(folder, 'rgw')}
rgw enable ops log = false
keyring = ${join(folder, 'keyring')}
run dir = ${folder}
admin socket = ${join(folder, '$name.asok')}
log file =
log to stderr = true
err to stderr = true
${quiet.map((name) => `debug ${name} = 0/0\n`).join('')}`
}
