import { defineConfig } from 'vite';
import react from '@vitejs/plugin-react';
export default defineConfig(({ mode }) => ({
  plugins: [react()],
  define: { __DEV__: JSON.stringify(mode !== 'production') },
  server: { port: Number(process.env.PORT ?? 5173), proxy: { '/api': 'http://localhost:8000' } },
}));
