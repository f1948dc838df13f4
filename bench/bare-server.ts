import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { join } from 'node:path'

/**
 * The least that a Node server can do: look a path up in a map and write bytes that are ready. Started by
 * contestants.ts.
 */
export interface BareAnswer {
  readonly path: string
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  /** Name of the file that holds the body, in the same folder as the list. */
  readonly file: string
}

if (import.meta.main) serve(process.argv[2] ?? '')

/** With the length, so that Node does not send chunks. */
function ready(answer: BareAnswer, body: Buffer) {
  const length = answer.status === 304 ? {} : { 'content-length': String(body.length) }
  return { status: answer.status, headers: { ...answer.headers, ...length }, body }
}

function serve(folder: string): void {
  const list = JSON.parse(readFileSync(join(folder, 'answers.json'), 'utf8')) as BareAnswer[]
  const answers = new Map(list.map((answer) => [answer.path, ready(answer, readFileSync(join(folder, answer.file)))]))
  const server = createServer((request, response) => {
    const answer = answers.get(request.url ?? '')
    if (!answer) return response.writeHead(404).end()
    return response.writeHead(answer.status, answer.headers).end(answer.body)
  })
  server.listen(0, '127.0.0.1', () => {
    const address = server.address()
    process.stdout.write(`${JSON.stringify({ port: typeof address === 'object' ? address?.port : 0 })}\n`)
  })
}
