import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

/** The API that `vite` in development talks to; `npm start` prints its address. */
const api = process.env.PERENNIAL_API ?? 'http://127.0.0.1:3000';
const proxied = ['/api', '/sign-in', '/docs', '/openapi.json', '/health'];

export default defineConfig({
  root: import.meta.dirname,
  plugins: [react()],
  build: {
    outDir: 'dist',
    emptyOutDir: true,
    // The page's policy lets nothing in but files of our own.
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 900,
  },
  server: {
    host: '127.0.0.1',
    proxy: Object.fromEntries(proxied.map((path) => [path, { target: api, changeOrigin: false }])),
  },
});
