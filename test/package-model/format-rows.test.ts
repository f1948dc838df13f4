import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { GetPackageVersionReadmeCommand, PublishPackageVersionCommand } from '@aws-sdk/client-codeartifact'
import { MavenWire } from '../support/maven-wire.ts'
import { firstDomain, type Packyard } from '../support/packyard.ts'
import { PypiWire } from '../support/pypi-wire.ts'
import { testOnEachSetup } from '../support/setups.ts'

/** Rows of the specification's scenario table that are about several formats: see `rows-elsewhere.ts`. */

/** Assets of a version: 350 unless set. */
const ASSETS_MAX = 3

const inMain = { domain: firstDomain, repository: 'main' }

testOnEachSetup(
  '17, 25: no readme of Maven and generic packages; no more assets than a version may have',
  {},
  async (t, setup) => {
    const yard = await setup.start({ processes: 1, env: { PACKYARD_ASSETS_PER_VERSION_MAX: String(ASSETS_MAX) } })
    const token = await yard.token()
    const maven = new MavenWire(await yard.endpoint('main', 'maven'), token)
    const pypi = new PypiWire(await yard.endpoint('main', 'pypi'), token)

    await t.test('Maven', async () => {
      await maven.deploy('org.acme:tool:1.0')
      const of = { ...inMain, format: 'maven', namespace: 'org.acme', package: 'tool', packageVersion: '1.0' } as const
      await assert.rejects(yard.sdk.send(new GetPackageVersionReadmeCommand(of)), { name: 'ResourceNotFoundException' })
      // A release has a POM and a JAR.
      assert.ok((await maven.put('org/acme/tool/1.0/tool-1.0-sources.jar', 'sources')) < 300)
      const refused = await maven.request('PUT', 'org/acme/tool/1.0/tool-1.0-javadoc.jar', { body: 'javadoc' })
      assert.ok(refused.status >= 400 && refused.status < 500, String(refused.status))
      assert.match(refused.text, /assets per package version/i)
      assert.equal((await maven.get('org/acme/tool/1.0/tool-1.0-javadoc.jar')).status, 404)
      assert.equal(
        await maven.put('org/acme/tool/1.0/tool-1.0-sources.jar', 'sources'),
        200,
        'what is there may be sent again',
      )
    })

    await t.test('PyPI', async () => {
      const upload = (python: string) => pypi.upload({ name: 'tool', version: '1.0', tags: `${python}-none-any` })
      for (const python of ['py3', 'py2', 'cp312']) assert.equal((await upload(python)).status, 200)
      const refused = await upload('cp313')
      assert.ok(refused.status >= 400 && refused.status < 500, String(refused.status))
      assert.match(refused.text(), /assets per package version/i)
      assert.equal((await pypi.page('tool')).files.length, ASSETS_MAX)
    })

    await t.test('generic', async () => {
      const of = { ...inMain, format: 'generic', namespace: 'acme', package: 'tool', packageVersion: '1' } as const
      for (const assetName of ['a', 'b', 'c']) await publishGeneric(yard, { ...of, assetName })
      await assert.rejects(publishGeneric(yard, { ...of, assetName: 'd' }), { name: 'ServiceQuotaExceededException' })
      await assert.rejects(yard.sdk.send(new GetPackageVersionReadmeCommand(of)), { name: 'ResourceNotFoundException' })
    })
  },
)

function publishGeneric(
  { sdk }: Packyard,
  asset: Omit<ConstructorParameters<typeof PublishPackageVersionCommand>[0], 'assetContent' | 'assetSHA256'>,
) {
  const assetContent = Buffer.from(asset.assetName ?? '')
  const assetSHA256 = createHash('sha256').update(assetContent).digest('hex')
  return sdk.send(new PublishPackageVersionCommand({ ...asset, assetContent, assetSHA256, unfinished: true }))
}
