import assert from 'node:assert/strict'
import * as sdk from '@aws-sdk/client-codeartifact'
import { bytesOf, makePackage } from '../support/npm-package.ts'
import { NpmWire } from '../support/npm-wire.ts'
import type { Packyard } from '../support/packyard.ts'
import type { Upstream } from '../support/upstream.ts'

/** A row of the table: what there is, what is done, and what is seen. */
export interface Scenario {
  /** Numbers of rows of the specification's table. */
  readonly rows: readonly number[]
  readonly title: string
  /** `team`, `team>store,other` with upstreams in order, `store+E` with the external connection. */
  readonly repositories?: readonly string[]
  readonly steps: readonly Step[]
}

/**
 * A line of words, `what is done -> what is seen`, or an operation with its input, and its output as far as it matters
 * or the name of its error. Lines:
 *
 * - `outside p@1.0.0 [tag=alpha]`: somebody publishes on the public registry; `gone p@1.0.0`: it is not there any more;
 *   `down p@1.0.0`: the registry fails for it.
 * - `publish R p@1.0.0 [content=text] [tag=alpha] -> 200`: a client publishes; `-> 409 words of the message`, or
 *   `-> 409 why=word` of the header that says what refused it.
 * - `get R p@1.0.0 -> 200 [content=text | outside]`: a client downloads.
 * - `list R p -> 1.0.0 1.1.0 | latest=1.1.0`: what a client's index shows, in any order; `-> 404`.
 * - `held R p -> 1.0.0:Published:INTERNAL`: what the repository holds itself; `-> nothing`; `-> no package`.
 * - `events R p -> 1.0.0:Created:Published`: what the outbox has, in order.
 * - `upstreams R U,V`: the list is replaced.
 */
export type Step = string | OperationStep

export interface OperationStep {
  readonly op: string
  readonly in: Readonly<Record<string, unknown>>
  readonly out?: unknown
  readonly fails?: string
  readonly says?: RegExp
}

/** What all scenarios run against. */
export interface World {
  readonly yard: Packyard
  readonly upstream: Upstream
  /** The bodies of the events of one repository, by their ids. */
  readEvents(domain: string, repository: string): Promise<readonly EventDetail[]>
}

export interface EventDetail {
  readonly packageName: string
  readonly packageVersion: string
  readonly packageVersionState: string
  readonly operationType: string
  readonly sequenceNumber: number
}

/** Runs a scenario in a domain of its own. */
export async function runScenario(world: World, scenario: Scenario, domain: string): Promise<void> {
  const run = new ScenarioRun(world, domain)
  await run.send('CreateDomain', {})
  for (const text of scenario.repositories ?? []) await run.createRepository(text)
  for (const step of scenario.steps) {
    try {
      if (typeof step === 'string') await run.line(step)
      else await run.operation(step)
    } catch (cause) {
      throw new Error(`step ${typeof step === 'string' ? step : JSON.stringify(step)}: ${String(cause)}`, { cause })
    }
  }
}

type Command = ConstructorParameters<typeof sdk.CreateDomainCommand>

class ScenarioRun {
  readonly #world: World
  readonly #domain: string
  readonly #wires = new Map<string, NpmWire>()

  constructor(world: World, domain: string) {
    this.#world = world
    this.#domain = domain
  }

  async send(op: string, input: object): Promise<Record<string, unknown>> {
    const commands = sdk as unknown as Record<string, new (input: object) => Command>
    const command = commands[`${op}Command`]
    assert.ok(command, `there is no operation ${op}`)
    const send = this.#world.yard.sdk.send.bind(this.#world.yard.sdk) as (command: unknown) => Promise<object>
    return (await send(new command({ domain: this.#domain, ...input }))) as Record<string, unknown>
  }

  async createRepository(text: string): Promise<void> {
    const [head = '', connection] = text.split('+')
    const [repository = '', upstreams = ''] = head.split('>')
    await this.send('CreateRepository', { repository, upstreams: toUpstreams(upstreams) })
    if (connection !== 'E') return
    await this.send('AssociateExternalConnection', { repository, externalConnection: 'public:npmjs' })
  }

  async operation({ op, in: input, out, fails, says }: OperationStep): Promise<void> {
    if (fails !== undefined) {
      const expected = says ? { name: fails, message: says } : { name: fails }
      return assert.rejects(this.send(op, input), expected)
    }
    const found = await this.send(op, input)
    if (out !== undefined) assert.partialDeepStrictEqual(found, out)
  }

  async line(line: string): Promise<void> {
    const [done = '', seen = ''] = line.split('->').map((part) => part.trim())
    const [verb = '', ...words] = done.split(/\s+/)
    const first = words[0] ?? ''
    switch (verb) {
      case 'outside':
        return this.#world.upstream.add({ ...parseSpec(first), ...tagOf(words) })
      case 'gone':
        return this.#break(first, 404)
      case 'down':
        return this.#break(first, 503)
      case 'publish':
        return this.#publish(first, words.slice(1), seen)
      case 'get':
        return this.#get(first, words[1] ?? '', seen)
      case 'list':
        return this.#list(first, words[1] ?? '', seen)
      case 'held':
        return this.#held(first, words[1] ?? '', seen)
      case 'events':
        return this.#events(first, words[1] ?? '', seen)
      case 'upstreams':
        return void (await this.send('UpdateRepository', { repository: first, upstreams: toUpstreams(words[1] ?? '') }))
      default:
        throw new Error(`no such line: ${line}`)
    }
  }

  #break(spec: string, status: number): void {
    const { name, version } = parseSpec(spec)
    for (const path of [`/${name}`, this.#world.upstream.tarballPath(name, version)]) {
      this.#world.upstream.break(path, { kind: 'status', status })
    }
  }

  async #publish(repository: string, [spec = '', ...options]: readonly string[], seen: string): Promise<void> {
    const tag = tagOf(options).tag ?? 'latest'
    const input = ownPackage(spec, optionOf(options, 'content'))
    const wire = await this.#wire(repository)
    const { status, bytes, headers } = await wire.publish(input, { tags: { [tag]: input.version } })
    const [expected, ...words] = seen.split(' ')
    assert.equal(status, Number(expected), bytes.toString())
    const why = optionOf(words, 'why')
    if (why !== undefined) return assert.match(headers.get('x-packyard-reason') ?? '', new RegExp(why))
    if (words.length > 0) assert.match(bytes.toString(), new RegExp(words.join(' ')))
  }

  async #get(repository: string, spec: string, seen: string): Promise<void> {
    const [status = '', what] = seen.split(' ')
    const { name, version } = parseSpec(spec)
    const reply = await (await this.#wire(repository)).tarball(name, version)
    assert.equal(reply.status, Number(status), reply.bytes.toString('latin1', 0, 300))
    if (what === 'outside') assert.deepEqual(reply.bytes, await this.#world.upstream.tarball(name, version))
    const content = what === undefined ? undefined : optionOf([what], 'content')
    if (content !== undefined)
      assert.deepEqual(reply.bytes, await bytesOf(await makePackage(ownPackage(spec, content))))
    const why = what === undefined ? undefined : optionOf([what], 'why')
    if (why !== undefined) assert.match(reply.headers.get('x-packyard-reason') ?? '', new RegExp(why))
  }

  async #list(repository: string, name: string, seen: string): Promise<void> {
    const reply = await (await this.#wire(repository)).get(name.replace('/', '%2f'))
    if (reply.status !== 200) return assert.equal(String(reply.status), seen)
    const packument = reply.json() as { versions: object; 'dist-tags': Record<string, string> }
    const [versions = '', tags] = seen.split('|').map((part) => part.trim())
    assert.deepEqual(Object.keys(packument.versions).sort(), versions.split(/\s+/).filter(Boolean).sort())
    if (tags === undefined) return
    const found = Object.entries(packument['dist-tags']).map(([tag, version]) => `${tag}=${version}`)
    assert.deepEqual(found.sort(), tags.split(/\s+/).filter(Boolean).sort())
  }

  async #held(repository: string, name: string, seen: string): Promise<void> {
    const [namespace, bare] = name.startsWith('@') ? name.slice(1).split('/') : [undefined, name]
    const input = { repository, format: 'npm', package: bare, ...(namespace && { namespace }) }
    const answer = await this.send('ListPackageVersions', input).catch((error: Error) => error)
    if (answer instanceof Error) {
      assert.equal(answer.name, 'ResourceNotFoundException')
      return assert.equal(seen, 'no package')
    }
    const versions = answer['versions'] as sdk.PackageVersionSummary[]
    const found = versions.map(({ version, status, origin }) => `${version}:${status}:${origin?.originType}`)
    assert.deepEqual(found.sort(), seen === 'nothing' ? [] : seen.split(/\s+/).sort())
  }

  async #events(repository: string, name: string, seen: string): Promise<void> {
    const events = await this.#world.readEvents(this.#domain, repository)
    const found = events.filter((event) => event.packageName === name)
    const numbers = found.map((event) => event.sequenceNumber)
    assert.deepEqual(
      numbers,
      [...new Set(numbers)].sort((left, right) => left - right),
      'ids and numbers grow alike',
    )
    assert.deepEqual(
      found.map((event) => `${event.packageVersion}:${event.operationType}:${event.packageVersionState}`),
      seen.split(/\s+/).filter(Boolean),
    )
  }

  async #wire(repository: string): Promise<NpmWire> {
    const known = this.#wires.get(repository)
    if (known) return known
    const { repositoryEndpoint } = await this.send('GetRepositoryEndpoint', { repository, format: 'npm' })
    const wire = new NpmWire(String(repositoryEndpoint), await this.#world.yard.token(this.#domain))
    this.#wires.set(repository, wire)
    return wire
  }
}

function parseSpec(spec: string): { name: string; version: string } {
  const at = spec.lastIndexOf('@')
  return { name: spec.slice(0, at), version: spec.slice(at + 1) }
}

/** What is published inside differs from what is outside under the same name. */
function ownPackage(spec: string, content = 'ours') {
  return { ...parseSpec(spec), files: { 'content.txt': content } }
}

function optionOf(words: readonly string[], name: string): string | undefined {
  return words.find((word) => word.startsWith(`${name}=`))?.slice(name.length + 1)
}

function tagOf(words: readonly string[]): { tag?: string } {
  const tag = optionOf(words, 'tag')
  return tag === undefined ? {} : { tag }
}

function toUpstreams(names: string): { repositoryName: string }[] {
  return names
    .split(',')
    .filter(Boolean)
    .map((repositoryName) => ({ repositoryName }))
}
