/** Types of a library that brings none. */
declare module 'spdx-expression-parse' {
  export interface LicenseNode {
    readonly license: string
    readonly plus?: true
    readonly exception?: string
  }
  export interface ConjunctionNode {
    readonly left: ExpressionNode
    readonly conjunction: 'and' | 'or'
    readonly right: ExpressionNode
  }
  export type ExpressionNode = LicenseNode | ConjunctionNode
  /** Throws on what is no expression of known licences. */
  export default function parse(source: string): ExpressionNode
}
