import assert from 'node:assert/strict'
import { text } from 'node:stream/consumers'
import { test } from 'node:test'
import { startPlainServer } from '../../test/support/plain-server.ts'
import { startExporter } from './exporter.ts'
import type { FinishedSpan } from './tracer.ts'

const span: FinishedSpan = {
  traceId: '0af7651916cd43dd8448eb211c80319c',
  spanId: 'b7ad6b7169203331',
  isSampled: true,
  parentSpanId: undefined,
  name: 'view',
  kind: 'internal',
  startedAt: 1_770_000_000_000.25,
  endedAt: 1_770_000_000_001,
  attributes: { 'package.name': 'lib', size: 7, part: 0.5, isWarm: true },
  error: undefined,
}

const resource = { version: '0.1.0', attributes: { 'service.name': 'packyard' } }

test('spans arrive as OTLP has them in JSON, with the headers that were set', async (t) => {
  const bodies: string[] = []
  const collector = await startPlainServer(t, (request, response) => {
    void text(request).then((body) => {
      bodies.push(body)
      response.end('{}')
    })
  })
  const headers = { 'x-tenant': 'blue' }
  const losses: unknown[] = []
  const exporter = startExporter({
    url: `${collector.url.href}v1/traces`,
    headers,
    resource,
    fetch,
    onLoss: (...loss) => losses.push(loss),
  })
  exporter.add(span)
  await exporter.stop()
  const [request] = collector.requests
  assert.deepEqual([request?.method, request?.url, request?.headers['x-tenant']], ['POST', '/v1/traces', 'blue'])
  assert.deepEqual(JSON.parse(bodies[0] ?? ''), {
    resourceSpans: [
      {
        resource: { attributes: [{ key: 'service.name', value: { stringValue: 'packyard' } }] },
        scopeSpans: [
          {
            scope: { name: 'packyard', version: '0.1.0' },
            spans: [
              {
                traceId: span.traceId,
                spanId: span.spanId,
                name: 'view',
                kind: 1,
                startTimeUnixNano: '1770000000000250000',
                endTimeUnixNano: '1770000000001000000',
                attributes: [
                  { key: 'package.name', value: { stringValue: 'lib' } },
                  { key: 'size', value: { intValue: '7' } },
                  { key: 'part', value: { doubleValue: 0.5 } },
                  { key: 'isWarm', value: { boolValue: true } },
                ],
                status: { code: 0 },
              },
            ],
          },
        ],
      },
    ],
  })
  assert.deepEqual(losses, [])
})

test('a collector that fails costs its spans and nothing else; what is too much is dropped and told', async (t) => {
  const collector = await startPlainServer(t, (_request, response) => response.writeHead(500).end())
  const losses: [number, unknown][] = []
  const exporter = startExporter({
    url: collector.url.href,
    headers: {},
    resource,
    fetch,
    onLoss: (...loss) => losses.push(loss),
  })
  for (let at = 0; at < 5000; at++) exporter.add(span)
  await exporter.stop()
  assert.equal(
    losses.reduce((sum, [spans]) => sum + spans, 0),
    5000,
  )
  assert.ok(losses.some(([, error]) => /answered 500/.test(String(error))))
  assert.ok(losses.some(([spans, error]) => spans > 2000 && /2048 spans were waiting/.test(String(error))))
})
