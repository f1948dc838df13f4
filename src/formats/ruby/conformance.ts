/** Names and versions, and how their order and their indexes must come out: plain data for whoever checks them. */
export const sampleVersions: readonly string[] = [
  '0.9',
  '1.0.a',
  '1.0.a1',
  '1.0.b',
  '1.0.rc.2',
  '1.0.rc10',
  '1.0',
  '1.0.1',
  '1.2',
  '1.10',
  '99999999999999999999.0',
]

/** What `info` says, and what it says again when it has been read. */
export const sampleInfo = [
  '---',
  '1.0.0 |checksum:0f343b0931126a20f133d67c2b018a3b0f343b0931126a20f133d67c2b018a3b',
  '1.1.0 rack:< 4&>= 2.0,zeitwerk:~> 2.6|checksum:' +
    '0f343b0931126a20f133d67c2b018a3b0f343b0931126a20f133d67c2b018a3b,ruby:>= 3.0,rubygems:>= 3.3.11,' +
    'created_at:2026-01-02T03:04:05Z',
  '1.1.0-x86_64-linux |checksum:0f343b0931126a20f133d67c2b018a3b0f343b0931126a20f133d67c2b018a3b,ruby:< 3.5.dev&>= 3.0',
  '',
].join('\n')

/** Full names, and every gem that each can be of. */
export const sampleFullNames: readonly (readonly [string, readonly string[]])[] = [
  ['rack-2.0', ['rack 2.0 ruby']],
  ['nokogiri-1.16.0-x86_64-linux', ['nokogiri 1.16.0 x86_64-linux']],
  ['foo-1-2.0', ['foo-1 2.0 ruby']],
  ['foo-1-x86-2', ['foo 1 x86-2', 'foo-1-x86 2 ruby']],
  ['no-version', []],
  ['-1', []],
]
