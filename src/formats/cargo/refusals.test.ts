import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Crate, makeCrate, publishBody } from '../../../test/support/cargo-crate.ts'
import { crateRepository, detail, openCargoWire } from '../../../test/support/cargo-wire.ts'

test('What no crate should be is refused, and leaves nothing behind', async (t) => {
  const { yard, request, publish } = await openCargoWire(t)
  const before = await yard.storedFiles()
  const good = makeCrate('bad-one@1.0.0')
  for (const [what, [body, message]] of Object.entries({
    ...badFrames(good),
    ...badMetadata(good),
    ...badArchives(good),
  })) {
    await t.test(`${what} is refused`, async () => {
      const reply = await publish(good, body)
      assert.equal(reply.status, 400)
      assert.match(await detail(reply), message)
    })
  }

  await t.test('nothing of all that was kept', async () => {
    assert.deepEqual(await yard.storedFiles(), before)
    assert.deepEqual(await yard.versions(crateRepository, 'bad-one', 'cargo'), [])
    assert.equal((await request('GET', 'ba/d-/bad-one')).status, 404)
    assert.equal((await publish(good)).status, 200)
  })

  await t.test('owners are refused in each form', async () => {
    for (const method of ['GET', 'PUT', 'DELETE']) {
      const body = method === 'GET' ? {} : { body: '{"users":["me"]}' }
      const reply = await request(method, 'api/v1/crates/bad-one/owners', body)
      assert.equal(reply.status, 403)
      assert.match(await detail(reply), /policies/)
    }
    assert.equal((await request('POST', 'api/v1/crates/bad-one/owners')).status, 405)
  })
})

type BadBodies = Readonly<Record<string, readonly [body: Buffer, message: RegExp]>>

function badFrames({ metadata, bytes }: Crate): BadBodies {
  return {
    'no body': [Buffer.alloc(0), /ends 4 bytes before the end of the length of the metadata/],
    'metadata that is cut off': [publishBody(metadata, bytes).subarray(0, 40), /before the end of the metadata/],
    'metadata that is too long': [
      publishBody(metadata, bytes, { metadataBytes: 2 ** 31 }),
      /is said to have 2147483648/,
    ],
    'a length of metadata that lies': [publishBody(metadata, bytes, { metadataBytes: 10 }), /is not JSON/],
    'a crate that is shorter': [publishBody(metadata, bytes, { crateBytes: bytes.length + 1 }), /add up to/],
    'a crate that is longer': [publishBody(metadata, bytes, { crateBytes: bytes.length - 1 }), /add up to/],
  }
}

function badMetadata({ metadata, bytes }: Crate): BadBodies {
  function withDependency(change: object): object {
    const dependency = {
      name: 'log',
      version_req: '^1',
      features: [],
      optional: false,
      default_features: true,
      kind: 'normal',
    }
    return { ...metadata, deps: [{ ...dependency, ...change }] }
  }
  return {
    'metadata that is no object': [publishBody(Buffer.from('[1]'), bytes), /not a JSON object/],
    'metadata that is no UTF-8': [publishBody(Buffer.from('{"name":"\xff"}', 'latin1'), bytes), /is not JSON/],
    'a name that is none': [publishBody({ ...metadata, name: '../x' }, bytes), /crate '\.\.\/x' must be/],
    'a device': [publishBody({ ...metadata, name: 'NUL' }, bytes), /device/],
    'a version that is none': [publishBody({ ...metadata, vers: '1.0' }, bytes), /version '1\.0' must be/],
    'another name than inside': [
      publishBody({ ...metadata, name: 'bad_one' }, bytes),
      /package\.name in Cargo\.toml 'bad-one' must/,
    ],
    'another version than inside': [
      publishBody({ ...metadata, vers: '1.0.1' }, bytes),
      /package\.version in Cargo\.toml/,
    ],
    'a requirement that is none': [
      publishBody(withDependency({ version_req: 'newest' }), bytes),
      /version_req of dependency 'log' 'newest'/,
    ],
    'a kind that is none': [publishBody(withDependency({ kind: 'peer' }), bytes), /kind of dependency 'log' 'peer'/],
    'a registry that is none': [
      publishBody(withDependency({ registry: 'elsewhere' }), bytes),
      /registry of dependency 'log'/,
    ],
    'a dependency that is not inside': [
      publishBody(withDependency({}), bytes),
      /differ in the dependency 'normal log'/,
    ],
    'a feature that is none': [publishBody({ ...metadata, features: { 'a b': [] } }, bytes), /feature 'a b'/],
  }
}

function badArchives({ metadata, bytes }: Crate): BadBodies {
  const root = 'bad-one-1.0.0'
  const evil = (path: string, more: object = {}) =>
    makeCrate({ name: 'bad-one', version: '1.0.0', files: [{ path, content: 'x', ...more }] }).bytes
  return {
    'no archive': [publishBody(metadata, Buffer.from('hello')), /not a gzip file/],
    'no crate at all': [publishBody(metadata, Buffer.alloc(0)), /gzip|Cargo\.toml/],
    'half an archive': [publishBody(metadata, bytes.subarray(0, 100)), /gzip|damaged/],
    'a path outside': [publishBody(metadata, evil(`${root}/../../etc/passwd`)), /outside of itself/],
    'an absolute path': [publishBody(metadata, evil('/etc/passwd')), /outside of itself/],
    'another folder': [publishBody(metadata, evil('other-1.0.0/x')), /outside of its folder/],
    'a link': [
      publishBody(metadata, evil(`${root}/x`, { type: '2', linkPath: '/etc' })),
      /neither a file nor a folder/,
    ],
    'a path in two cases': [publishBody(metadata, evil(`${root}/cargo.TOML`)), /twice/],
    'a manifest that is no TOML': [publishBody(metadata, evil(`${root}/Cargo.toml`)), /Cargo\.toml cannot be read/],
  }
}
