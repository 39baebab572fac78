export * as z from 'node:child_process'
