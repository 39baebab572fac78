/** @type {import('next').NextConfig} */
module.exports = { reactStrictMode: true, env: { API: process.env.API_URL }, images: { remotePatterns: [{ hostname: 'images.unsplash.com' }] } };
