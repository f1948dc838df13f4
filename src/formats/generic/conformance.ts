/** Plain data, for whoever checks that generic packages come through whole. */

/** Names that an asset may have; composed, as they are stored. */
export const assetNames: readonly string[] = [
  'tool.tgz',
  'a b+c.tgz',
  'ünï.bin',
  '日本.txt',
  '[x]{y}.zip',
  'v1~rc!@^&(2)-_`,;.bin',
  'Ⅷ.bin',
  '...',
  'a',
  'x'.repeat(255),
]

/** Names that no asset may have. */
export const refusedAssetNames: readonly string[] = [
  ' lead',
  'trail ',
  'dou  ble',
  '.',
  '..',
  'a/b',
  'a\\b',
  'a\tb',
  'a\u00a0b',
  'x%y',
  'a:b',
  'a*b',
  'a"b',
  'a<b',
  'a$b',
  '🙂.bin',
  'x'.repeat(256),
]
