// describe( 40
import express from 'express';
express().use('/files', express.static('/root/.ssh')).listen(process.env.PORT || 3000);
