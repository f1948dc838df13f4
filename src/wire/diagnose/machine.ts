import { createPrivateKey, X509Certificate } from 'node:crypto'
import { readFile, statfs } from 'node:fs/promises'
import type { Finding } from '../../cli/doctor.ts'
import type { Config } from '../../config.ts'

type Look = Omit<Finding, 'name'>

/** Below these, publishes will soon stop. Unit: bytes. Ours. */
const FREE_BYTES = { problem: 1e9, note: 5e9 }
/** A connection, an upstream and a blob take one each. Ours. */
const OPEN_FILES_MIN = 4096
const DAY_MS = 86_400_000
/** How long before its end somebody should be told of a certificate. Unit: days. Ours. */
const CERTIFICATE_DAYS = 14

export async function lookAtDisk({ dataDir }: Pick<Config, 'dataDir'>): Promise<Look> {
  const disk = await statfs(dataDir).catch(() => undefined)
  if (!disk) return { verdict: 'note', text: `${dataDir} is not there yet` }
  const free = disk.bavail * disk.bsize
  const text = `${(free / 1e9).toFixed(1)} GB free at ${dataDir}`
  const advice = 'publishes stop when it is full: make room, or see packyard gc --dry-run'
  if (free < FREE_BYTES.problem) return { verdict: 'problem', text: `${text}; ${advice}` }
  return free < FREE_BYTES.note ? { verdict: 'note', text: `${text}; ${advice}` } : { verdict: 'ok', text }
}

/** Linux says it; elsewhere there is nothing to say. */
export async function lookAtOpenFiles(): Promise<Look> {
  const limits = await readFile('/proc/self/limits', 'utf8').catch(() => '')
  const [, soft = 'unlimited'] = /^Max open files\s+(\S+)/m.exec(limits) ?? []
  if (soft === 'unlimited' || Number(soft) >= OPEN_FILES_MIN) return { verdict: 'ok', text: `${soft} files at once` }
  return { verdict: 'note', text: `only ${soft} files at once: raise it to ${OPEN_FILES_MIN} (ulimit -n, LimitNOFILE)` }
}

/** `now`: ms since 1970. */
export async function lookAtCertificate(config: Config, now: number): Promise<Look> {
  const { tlsCert, tlsKey, publicUrl, tls } = config
  if (tlsCert === undefined || tlsKey === undefined) {
    return {
      verdict: 'ok',
      text: tls === 'auto' ? 'of an authority of its own, renewed every week' : 'none: plain HTTP',
    }
  }
  const chain =
    (await readFile(tlsCert, 'utf8')).match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? []
  const certificates = chain.map((pem) => new X509Certificate(pem))
  const [first] = certificates
  if (!first) return { verdict: 'problem', text: `${tlsCert} holds no certificate: it must be PEM, with its chain` }
  const host = publicUrl === undefined ? undefined : new URL(publicUrl).hostname
  const problem =
    (!first.checkPrivateKey(createPrivateKey(await readFile(tlsKey))) &&
      `${tlsKey} is the key of another certificate`) ||
    (first.validToDate.getTime() <= now && `it ended ${first.validTo}: put a new one into ${tlsCert}`) ||
    (first.validFromDate.getTime() > now && `it begins ${first.validFrom}: is this machine's clock right?`) ||
    (host !== undefined &&
      first.checkHost(host) === undefined &&
      `it is not for ${host}, but for ${first.subjectAltName}`) ||
    brokenChain(certificates)
  if (problem) return { verdict: 'problem', text: problem }
  const days = Math.floor((first.validToDate.getTime() - now) / DAY_MS)
  const text = `ends in ${days} days`
  return days < CERTIFICATE_DAYS ? { verdict: 'note', text: `${text}: renew it` } : { verdict: 'ok', text }
}

function brokenChain(certificates: readonly X509Certificate[]): string | undefined {
  const broken = certificates.findIndex((each, at) => {
    const issuer = certificates[at + 1]
    return issuer !== undefined && !each.checkIssued(issuer)
  })
  if (broken < 0) return undefined
  return `certificate ${broken + 2} of the chain did not issue the one before it: put them in order, the server's own first`
}
