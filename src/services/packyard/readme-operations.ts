import Type from 'typebox'
import { openAsset } from '../../registry/version-assets.ts'
import { assetFromInput } from '../../registry/name-rules.ts'
import { readReadme } from '../../registry/version-readme.ts'
import { versionTarget } from '../codeartifact/targets.ts'
import { formatField, repositoryInput, text } from './fields.ts'
import { operation, replyOperation } from './operation.ts'
import { renderReadme } from './readme.ts'

const versionInput = {
  ...repositoryInput,
  format: formatField,
  namespace: Type.Optional(text(255)),
  package: text(255),
  packageVersion: text(255),
}

export const readmeOperations = {
  GetRenderedReadme: operation({
    http: 'GET /packyard/v1/packages/readme',
    summary: 'Gives the README of a version: as HTML that runs and loads nothing, or as text.',
    action: 'codeartifact:GetPackageVersionReadme',
    input: versionInput,
    output: Type.Object({
      /** Absent where it can only be shown as text. */
      html: Type.Optional(Type.String()),
      text: Type.String(),
    }),
    target: versionTarget,
    async run({ registry, address }) {
      const { readme } = await readReadme(registry, address)
      const rendered = await renderReadme(readme)
      return { text: readme, ...(rendered.kind === 'html' && { html: rendered.html }) }
    },
  }),
  DownloadAsset: replyOperation({
    http: 'GET /packyard/v1/packages/asset',
    summary: 'Gives an asset to be saved: no browser shows it on this origin, whatever it is.',
    action: 'codeartifact:GetPackageVersionAsset',
    input: { ...versionInput, asset: text(255) },
    output: 'application/octet-stream',
    target: versionTarget,
    async run({ registry, input: { asset: given }, address }) {
      const name = assetFromInput(registry, address.package.format, given)
      const { asset, content } = await openAsset(registry, address, { asset: name, revision: undefined })
      const headers = { ...savedOnly(asset.name), 'Content-Length': asset.sizeBytes }
      return { status: 200, headers, body: content }
    },
  }),
}

/** Source of the form of the name: RFC 6266, section 4; RFC 8187. */
function savedOnly(name: string) {
  const last = name.slice(name.lastIndexOf('/') + 1)
  const plain = last.replace(/[^\w.+-]/g, '_')
  const encoded = encodeURIComponent(last).replace(
    /['()*]/g,
    (one) => `%${one.charCodeAt(0).toString(16).toUpperCase()}`,
  )
  return {
    'Content-Type': 'application/octet-stream',
    'Content-Disposition': `attachment; filename="${plain}"; filename*=UTF-8''${encoded}`,
    'Content-Security-Policy': "default-src 'none'; sandbox",
    'X-Content-Type-Options': 'nosniff',
    'Cross-Origin-Resource-Policy': 'same-origin',
    'Cache-Control': 'private, no-store',
  }
}
