import assert from 'node:assert/strict'
import { text } from 'node:stream/consumers'
import { test } from 'node:test'
import { NpmWire } from '../support/npm-wire.ts'
import { startPackyard } from '../support/packyard.ts'
import { startPlainServer } from '../support/plain-server.ts'
import { until } from '../support/processes.ts'
import { testOnEachSetup } from '../support/setups.ts'
import { type Lifetime, startUpstream } from '../support/upstream.ts'

interface Span {
  readonly traceId: string
  readonly spanId: string
  readonly parentSpanId?: string
  readonly name: string
  readonly kind: number
  readonly startTimeUnixNano: string
  readonly endTimeUnixNano: string
  readonly attributes: readonly {
    readonly key: string
    readonly value: { readonly stringValue?: string; readonly intValue?: string }
  }[]
}

/** Takes traces as an OpenTelemetry collector does. */
async function startCollector(t: Lifetime) {
  const spans: Span[] = []
  const server = await startPlainServer(t, (request, response) => {
    void text(request).then((body) => {
      const { resourceSpans } = JSON.parse(body) as { resourceSpans: { scopeSpans: { spans: Span[] }[] }[] }
      for (const { scopeSpans } of resourceSpans) spans.push(...scopeSpans.flatMap((scope) => scope.spans))
      response.writeHead(200, { 'content-type': 'application/json' }).end('{}')
    })
  })
  return { url: server.url.href.replace(/\/$/, ''), spans, requests: server.requests }
}

const traceId = '0af7651916cd43dd8448eb211c80319c'

testOnEachSetup('a trace leads from the client through us to the upstream', {}, async (t, setup) => {
  const collector = await startCollector(t)
  const upstream = await startUpstream(t, { npm: ['tiny@1.3.0'] })
  const seen: string[] = []
  const between = await startPlainServer(t, (request, response) => {
    seen.push(String(request.headers['traceparent']))
    void fetch(new URL(request.url ?? '/', upstream.url)).then(async (answer) => {
      const type = answer.headers.get('content-type') ?? ''
      response.writeHead(answer.status, { 'content-type': type }).end(Buffer.from(await answer.arrayBuffer()))
    })
  })
  const env = {
    OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
    OTEL_EXPORTER_OTLP_HEADERS: 'x-key=the-key-of-the-collector',
  }
  const yard = await setup.start({ connections: { 'public:npmjs': between.url.href }, env })
  yard.secret('the-key-of-the-collector')
  const wire = new NpmWire(await yard.endpoint('main'), await yard.token())
  const reply = await wire.get('tiny', { traceparent: `00-${traceId}-b7ad6b7169203331-01` })
  assert.equal(reply.status, 200)
  const own = await until(
    'the spans of the request',
    () => {
      const found = collector.spans.filter((span) => span.traceId === traceId)
      return found.some(({ name }) => name === 'GET packages') ? found : undefined
    },
    30_000,
  )

  const request = own.find(({ name }) => name === 'GET packages')
  assert.deepEqual([request?.parentSpanId, request?.kind], ['b7ad6b7169203331', 2])
  const attributes = new Map(request?.attributes.map(({ key, value }) => [key, value.stringValue ?? value.intValue]))
  assert.equal(attributes.get('http.response.status_code'), '200')
  assert.deepEqual([attributes.get('package.format'), attributes.get('repository.name')], ['npm', 'main'])
  const names = new Set(own.map(({ name }) => name))
  for (const name of ['decision', 'index', 'upstream request']) assert.ok(names.has(name), `a span ${name}`)
  const ids = new Set(own.map(({ spanId }) => spanId))
  for (const span of own) {
    assert.ok(span === request || ids.has(span.parentSpanId ?? ''), `${span.name} has its parent in the trace`)
    assert.ok(BigInt(span.endTimeUnixNano) >= BigInt(span.startTimeUnixNano))
  }
  const outward = own.find(({ name }) => name === 'upstream request')
  assert.deepEqual(seen, [`00-${traceId}-${outward?.spanId}-01`], 'the upstream is told where it stands')
  assert.equal(collector.requests[0]?.headers['x-key'], 'the-key-of-the-collector')

  await wire.publish('lib@1.0.0')
  await wire.tarball('lib', '1.0.0')
  const later = await until(
    'a publish and a download',
    () => {
      const all = new Set(collector.spans.map(({ name }) => name))
      return all.has('publish') && all.has('asset') && all.has('database transaction') ? all : undefined
    },
    30_000,
  )
  assert.ok(later.has('PUT packages'))
})

test('a client that says so is not traced, and no collector is asked when none is named', async (t) => {
  const collector = await startCollector(t)
  const yard = await startPackyard(t, { env: { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: `${collector.url}/own/path` } })
  const wire = new NpmWire(await yard.endpoint('main'), await yard.token())
  await wire.publish('lib@1.0.0')
  await wire.get('lib', { traceparent: `00-${traceId}-b7ad6b7169203331-00` })
  await yard.stop()
  assert.ok(
    collector.spans.some(({ name }) => name === 'PUT packages'),
    'what was left is sent at the end',
  )
  assert.equal(
    collector.spans.some((span) => span.traceId === traceId),
    false,
  )
  assert.equal(collector.requests[0]?.url, '/own/path')
})

test('a collector that hangs holds up nobody', async (t) => {
  const collector = await startPlainServer(t, () => undefined)
  const yard = await startPackyard(t, { env: { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url.href } })
  const wire = new NpmWire(await yard.endpoint('main'), await yard.token())
  await wire.publish('lib@1.0.0')
  for (let times = 0; times < 20; times++) assert.equal((await wire.get('lib')).status, 200)
})
