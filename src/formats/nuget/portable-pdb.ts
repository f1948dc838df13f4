/**
 * What debuggers call a portable PDB by: its GUID, as .NET writes one, and a fixed age. Source: ECMA-335, II.24.2 (metadata
 * root), "Portable PDB v1.0" (`#Pdb` stream), dotnet/symstore, "SSQP Key Conventions".
 */

/** What of a file has to be there to read its key: streams are listed at its beginning, and this one is the first. Unit: bytes. Ours. */
export const PDB_HEAD_BYTES = 64 * 1024

const SIGNATURE = 0x424a5342
const GUID_BYTES = 16
/** Streams of a file that anybody looks at. Ours; compilers write six. */
const STREAMS_MAX = 32

/** `{32 hexadecimal digits}ffffffff`. Undefined for what is no portable PDB, a Windows one too. Never throws. */
export function portablePdbKey(head: Buffer): string | undefined {
  const start = pdbStreamOf(head)
  if (start === undefined || start + GUID_BYTES > head.length) return undefined
  const guid = head.subarray(start, start + GUID_BYTES)
  const [first, second, third] = [guid.readUInt32LE(0), guid.readUInt16LE(4), guid.readUInt16LE(6)]
  const digits = [hex(first, 8), hex(second, 4), hex(third, 4), guid.subarray(8).toString('hex')]
  return `${digits.join('')}ffffffff`
}

function hex(value: number, digits: number): string {
  return value.toString(16).padStart(digits, '0')
}

/** Where the stream `#Pdb` begins. */
function pdbStreamOf(head: Buffer): number | undefined {
  if (head.length < 20 || head.readUInt32LE(0) !== SIGNATURE) return undefined
  const versionEnd = 16 + head.readUInt32LE(12)
  if (versionEnd + 4 > head.length) return undefined
  const streams = Math.min(head.readUInt16LE(versionEnd + 2), STREAMS_MAX)
  let at = versionEnd + 4
  for (let stream = 0; stream < streams && at + 8 < head.length; stream++) {
    const nameEnd = head.indexOf(0, at + 8)
    if (nameEnd < 0) return undefined
    if (head.toString('latin1', at + 8, nameEnd) === '#Pdb') return head.readUInt32LE(at)
    // Names are padded to four bytes, with a zero at least.
    at += 8 + 4 * Math.ceil((nameEnd - at - 8 + 1) / 4)
  }
  return undefined
}
