/** Rows of the specification's scenario table. */
export const SCENARIO_ROWS = 170

/** Rows that are shown where their format or their part is; so that none is forgotten, a test holds this list against the table. */
export const rowsElsewhere = {
  pypi: [1, 2, 3, 20, 28, 42, 89, 126, 127, 128, 129, 130, 131, 132, 133],
  maven: [
    16, 19, 22, 23, 24, 29, 45, 85, 86, 88, 134, 135, 136, 137, 138, 139, 140, 141, 142, 143, 144, 145, 146, 147, 148,
    149,
  ],
  nuget: [4, 5, 6, 7, 150, 151],
  ruby: [152, 153, 154, 155, 156],
  cargo: [157, 158, 159],
  swift: [8, 160, 161],
  /** src/formats/generic and src/services/codeartifact/publish-operation.ts */
  generic: [162, 163, 164, 165],
  /** test/package-model/format-rows.test.ts */
  several: [17, 25],
  /** src/formats/npm and test/scenarios/npm-*.test.ts; rows 122 and 123 are served better than the service does. */
  npm: [18, 87, 121, 122, 123, 124, 125],
  /** Delivery to two accounts, and audit records of reads: src/journal. */
  journal: [168, 170],
} as const
