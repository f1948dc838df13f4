import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { userInfo } from 'node:os'
import { dirname, join } from 'node:path'
import { until } from '../test/support/processes.ts'
import { freePort } from '../test/support/server-process.ts'
import type { Lifetime } from '../test/support/upstream.ts'

/** Where Debian's `nginx-light` puts it. */
const program = '/usr/sbin/nginx'

/** Longest wait for it to answer at all. Unit: ms. Ours. */
const startTimeoutMs = 10_000

/** nginx that serves the files of one folder. */
export interface Nginx {
  /** With a final slash. */
  readonly url: string
  readonly pid: number
}

export const hasNginx = existsSync(program)

/** Writes files, by their path below the folder. */
export async function writeFiles(folder: string, files: ReadonlyMap<string, Buffer | string>): Promise<void> {
  for (const [path, content] of files) {
    const file = join(folder, path)
    await mkdir(dirname(file), { recursive: true })
    await writeFile(file, content)
  }
}

/** Lets nginx answer as an endpoint does: what it answers at these paths becomes files, with the bytes that it sent. */
export async function copyFiles(
  folder: string,
  { endpoint, authorization }: { readonly endpoint: string; readonly authorization: string },
  paths: readonly string[],
): Promise<void> {
  for (const path of paths) {
    const reply = await fetch(endpoint + path, { headers: { authorization, 'accept-encoding': 'identity' } })
    if (reply.status !== 200) throw new Error(`${path}: ${reply.status}`)
    await writeFiles(folder, new Map([[path, Buffer.from(await reply.arrayBuffer())]]))
  }
}

/** Everything that it writes stands in `folder`, which the caller removes; it serves `folder`/files, to everybody unless there is a password. */
export async function startNginx(lifetime: Lifetime, folder: string, password?: string): Promise<Nginx> {
  const port = await freePort()
  await mkdir(join(folder, 'files'), { recursive: true })
  await writeFile(join(folder, 'files', 'ready'), 'ready\n')
  if (password !== undefined) await writeFile(join(folder, 'users'), `aws:{PLAIN}${password}\n`)
  await writeFile(join(folder, 'nginx.conf'), configuration(folder, port, password))
  const child = spawn(program, ['-p', folder, '-c', join(folder, 'nginx.conf'), '-e', 'stderr'], {
    cwd: folder,
    env: {},
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  const hasEnded = () => child.exitCode !== null || child.signalCode !== null
  lifetime.after(async () => {
    if (hasEnded()) return
    const ended = once(child, 'exit')
    // It takes its worker with it, which it could not do after a SIGKILL.
    child.kill('SIGTERM')
    await ended
  })
  const url = `http://127.0.0.1:${port}/`
  const isReady = async () => {
    if (hasEnded()) throw new Error(`nginx ended with ${child.exitCode}`)
    return fetch(`${url}ready`).then(
      ({ ok }) => ok || undefined,
      () => undefined,
    )
  }
  await until('nginx to answer', isReady, startTimeoutMs)
  return { url, pid: child.pid ?? 0 }
}

/** One worker, as Packyard has one process, and an access log, as Packyard writes one; otherwise as by default. */
function configuration(folder: string, port: number, password: string | undefined): string {
  // Its worker would be somebody else, who may not read the folder.
  const user = userInfo()
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
  return `daemon off;
${user.uid === 0 ? `user ${user.username};` : ''}
worker_processes 1;
pid ${folder}/nginx.pid;
events {}
http {
  ${temporary.map((name) => `${name}_temp_path ${folder}/${name};`).join('\n  ')}
  access_log ${folder}/access.log;
  sendfile on;
  tcp_nopush on;
  # Bundler 2.3 takes a tag for the MD5 of the file, and nginx has other ones.
  etag off;
  types { application/vnd.pypi.simple.v1+json json; text/xml pom xml; application/java-archive jar; }
  default_type application/octet-stream;
  server {
    listen 127.0.0.1:${port};
    root ${folder}/files;
    index index.json;
    ${password === undefined ? '' : `auth_basic bench; auth_basic_user_file ${folder}/users;`}
    location = /ready { auth_basic off; }
  }
}
`
}
