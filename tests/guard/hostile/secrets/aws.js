const client = new S3({ accessKeyId: 'AKIAZ7QK3LMN5PRST2VW', secretAccessKey: process.env.SECRET });
