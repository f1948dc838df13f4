import assert from 'node:assert/strict'
import { test } from 'node:test'
import { HttpError } from './call.ts'
import { createRouteMatcher } from './routes.ts'

const match = createRouteMatcher([
  { method: 'GET', path: '/', name: 'root' },
  { method: 'GET', path: '/-/whoami', name: 'whoami' },
  { method: 'GET', path: '/:package', name: 'read' },
  { method: 'PUT', path: '/:package', name: 'publish' },
  { method: 'GET', path: '/:package/-/:file', name: 'file' },
])

const found = (method: string, path: string) => {
  const { route, params } = match(method, path)
  return [route.name, { ...params }]
}

const failure = (method: string, path: string) => {
  try {
    match(method, path)
  } catch (error) {
    assert.ok(error instanceof HttpError)
    return [error.status, error.headers]
  }
  return assert.fail(`${method} ${path} matched`)
}

test('A parameter takes one segment, and an encoded slash belongs to it', () => {
  assert.deepEqual(found('GET', '/@acme%2fwidgets'), ['read', { package: '@acme/widgets' }])
  assert.deepEqual(found('GET', '/%40acme%2Fwidgets/-/w-1.0.0.tgz'), [
    'file',
    { package: '@acme/widgets', file: 'w-1.0.0.tgz' },
  ])
})

test('A parameter is decoded once', () => {
  assert.deepEqual(found('GET', '/%2540acme'), ['read', { package: '%40acme' }])
})

test('The first route that fits wins, and HEAD is answered where GET is', () => {
  assert.deepEqual(found('GET', '/-/whoami'), ['whoami', {}])
  assert.deepEqual(found('HEAD', '/react'), ['read', { package: 'react' }])
  assert.deepEqual(found('GET', '/'), ['root', {}])
})

test('A known path with another method is 405 and names what is allowed', () => {
  assert.deepEqual(failure('DELETE', '/react'), [405, { Allow: 'GET, HEAD, PUT' }])
})

test('An unknown path, an empty segment and broken encoding are refused', () => {
  assert.deepEqual(failure('GET', '/react/1/2/3'), [404, {}])
  assert.deepEqual(failure('GET', '//-/x.tgz'), [404, {}])
  assert.deepEqual(failure('GET', '/%zz'), [400, {}])
  assert.deepEqual(failure('GET', '/%ff'), [400, {}])
})

test('A parameter called like a member of every object is only a parameter', () => {
  const { params } = createRouteMatcher([{ method: 'GET', path: '/:__proto__' }])('GET', '/x')
  assert.equal(Object.getPrototypeOf(params), null)
  assert.deepEqual(Object.keys(params), ['__proto__'])
})

test('A parameter with a star takes all that is left as it was sent, and other routes go before it', () => {
  const files = createRouteMatcher([
    { method: 'GET', path: '/', name: 'root' },
    { method: 'GET', path: '/health', name: 'health' },
    { method: 'GET', path: '/files/:path*', name: 'file' },
    { method: 'PUT', path: '/:path*', name: 'put' },
  ])
  const named = (method: string, path: string) => {
    const { route, params } = files(method, path)
    return [route.name, { ...params }]
  }
  assert.deepEqual(named('GET', '/files/a/b%2fc/d'), ['file', { path: 'a/b%2fc/d' }])
  assert.deepEqual(named('HEAD', '/files/a'), ['file', { path: 'a' }])
  assert.deepEqual(named('PUT', '/a/'), ['put', { path: 'a/' }])
  assert.deepEqual(named('GET', '/health'), ['health', {}])
  assert.throws(
    () => files('GET', '/a/b'),
    (error) => error instanceof HttpError && error.status === 405,
  )
  assert.throws(
    () => files('GET', '/files/'),
    (error) => error instanceof HttpError && error.status === 405,
  )
})
