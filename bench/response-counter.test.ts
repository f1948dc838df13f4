import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ResponseCounter } from './response-counter.ts'

const responses = [
  'HTTP/1.1 200 OK\r\nContent-Length: 12\r\n\r\nhello\r\n\r\nyou',
  'HTTP/1.1 304 Not Modified\r\ncontent-length: 500\r\n\r\n',
  'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\nA;x=y\r\n0123456789\r\n0\r\n\r\n',
  'HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n',
]

test('responses of every framing are counted, however their bytes are cut', () => {
  const bytes = Buffer.from(responses.join(''))
  for (let size = 1; size <= bytes.length; size++) {
    const seen: number[] = []
    const counter = new ResponseCounter(({ status }) => seen.push(status))
    for (let at = 0; at < bytes.length; at += size) counter.push(bytes.subarray(at, at + size))
    assert.deepEqual(seen, [200, 304, 200, 404], `in pieces of ${size}`)
  }
})
