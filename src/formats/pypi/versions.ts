import { compare, valid } from '@renovatebot/pep440'

/** Longest version that is looked at. Unit: characters. Source: CodeArtifact service model, `PackageVersion`. */
const VERSION_LENGTH_MAX = 255

/** Spellings of the letters of a pre-release. Source: PyPA specification, "Version specifiers". */
const preReleases: Readonly<Record<string, string>> = {
  a: 'a',
  alpha: 'a',
  b: 'b',
  beta: 'b',
  c: 'rc',
  rc: 'rc',
  pre: 'rc',
  preview: 'rc',
}

const pattern =
  /^v?(?:(?<epoch>\d+)!)?(?<release>\d+(?:\.\d+)*)(?:[-_.]?(?<pre>alpha|a|beta|b|preview|pre|c|rc)[-_.]?(?<preNumber>\d*))?(?:-(?<implicit>\d+)|(?<post>[-_.]?(?:post|rev|r)[-_.]?)(?<postNumber>\d*))?(?:(?<dev>[-_.]?dev[-_.]?)(?<devNumber>\d*))?(?:\+(?<local>[a-z0-9]+(?:[-_.][a-z0-9]+)*))?$/

/**
 * The normal spelling, in which zeros at the end stay (`1.0.0`); undefined for what is no version. Numbers are kept as
 * text: some have more digits than a float can tell apart. Source: PyPA specification, "Version specifiers".
 */
export function canonicalVersion(text: string): string | undefined {
  if (text.length > VERSION_LENGTH_MAX) return undefined
  const parts = pattern.exec(text.trim().toLowerCase())?.groups
  if (!parts) return undefined
  const { epoch, release = '', pre, preNumber, implicit, post, postNumber, dev, devNumber, local } = parts
  return [
    epoch === undefined || number(epoch) === '0' ? '' : `${number(epoch)}!`,
    release.split('.').map(number).join('.'),
    pre === undefined ? '' : `${preReleases[pre]}${number(preNumber)}`,
    implicit === undefined ? '' : `.post${number(implicit)}`,
    post === undefined ? '' : `.post${number(postNumber)}`,
    dev === undefined ? '' : `.dev${number(devNumber)}`,
    local === undefined ? '' : `+${local.split(/[-_.]/).map(localPart).join('.')}`,
  ].join('')
}

/** Without zeros in front; '0' where there is none. */
function number(digits: string | undefined): string {
  return (digits ?? '').replace(/^0+(?=\d)/, '') || '0'
}

function localPart(part: string): string {
  return /^\d+$/.test(part) ? number(part) : part
}

/** By PEP 440; what is no version sorts below all that are, and by its text. Total, as upstreams hold anything. */
export function compareVersions(left: string, right: string): number {
  return comparePrecedence(left, right) || compareText(left, right)
}

/** The same, but 0 for two spellings of one version. */
export function comparePrecedence(left: string, right: string): number {
  const [leftValid, rightValid] = [isVersion(left), isVersion(right)]
  if (leftValid !== rightValid) return leftValid ? 1 : -1
  return leftValid ? compare(left.trim(), right.trim()) : compareText(left, right)
}

function compareText(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0
}

function isVersion(text: string): boolean {
  return text.length <= VERSION_LENGTH_MAX && valid(text.trim()) !== null
}

/** Do two spellings mean one version? `1.0`, `1.0.0` and `v1.0` do. */
export function isSameVersion(left: string, right: string): boolean {
  if (left === right) return true
  const [one, other] = [comparable(left), comparable(right)]
  return one !== undefined && one === other
}

/** The normal spelling without zeros at the end of the release. */
function comparable(text: string): string | undefined {
  return canonicalVersion(text)?.replace(/^(?:\d+!)?\d+(?:\.\d+)*/, (release) => release.replace(/(?:\.0)+$/, ''))
}
