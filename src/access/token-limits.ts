/** What a package token lasts at most. Unit: seconds. Source: CodeArtifact User Guide, "Tokens". */
export const TOKEN_SECONDS_MAX = 43_200
