import { fileURLToPath } from 'node:url'
import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'
import { compressedFiles } from './build/compressed-files.ts'
import { separateFonts } from './build/separate-fonts.ts'

const server = process.env.PACKYARD_URL ?? 'http://127.0.0.1:8686'

export default defineConfig({
  root: fileURLToPath(new URL('.', import.meta.url)),
  base: '/console/',
  plugins: [react(), separateFonts(), compressedFiles()],
  // For working on it: pages from here, answers from a server that runs.
  server: {
    proxy: Object.fromEntries(['/packyard/v1', '/v1'].map((path) => [path, { target: server }])),
  },
  build: {
    target: 'es2022',
    // A data: address would need an exception in the content security policy.
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 1000,
    reportCompressedSize: false,
  },
})
