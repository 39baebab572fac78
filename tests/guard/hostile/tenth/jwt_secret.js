module.exports = { jwtSecret: 'f8G2kQ9vLm3ZxR7tBn5WcY1sHd4JpA6e', dbPassword: 'Tr0ub4dor&3-k9Xz!77q', awsKey: 'AKIAZ7Q4M2XK9TBW3RVC' };
