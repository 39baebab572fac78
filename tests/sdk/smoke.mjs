// The official JavaScript SDK against a host: one function for each thing that a program does with it.
//
// smoke.mjs WAY [CHECK...]  WAY is a word for the lines that it prints.
import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'

import { CommandExitError, FileNotFoundError, FilesystemEventType, Sandbox } from 'e2b'

// For what happens in its own time; only a check that would fail waits as long. Milliseconds.
const PATIENCE = 30_000
const SERVER = `require('http').createServer((_, answer) => answer.end('served')).listen(8000, () => console.log('listening'))`

async function eventually(what, ask) {
    const end = Date.now() + PATIENCE
    while (Date.now() < end) {
        const answer = await ask()
        if (answer) return answer
        await sleep(50)
    }
    throw new Error(`not within ${PATIENCE} ms: ${what}`)
}

async function fetched(url, options = {}) {
    const answer = await fetch(url, { ...options, signal: AbortSignal.timeout(PATIENCE) })
    return [answer.status, await answer.text()]
}

/** A request to a port of a sandbox, by the way that the environment tells. */
function visit(sandbox, port, path = '/', headers = {}) {
    const plain = process.env.E2B_SANDBOX_URL
    if (plain === undefined) return fetched(`https://${sandbox.getHost(port)}${path}`, { headers })
    const steering = { 'E2b-Sandbox-Id': sandbox.sandboxId, 'E2b-Sandbox-Port': String(port) }
    return fetched(plain + path, { headers: { ...steering, ...headers } })
}

async function serve(sandbox) {
    await sandbox.files.write('server.js', SERVER)
    let out = ''
    const server = await sandbox.commands.run('node server.js', {
        background: true,
        timeoutMs: 0,
        onStdout: (data) => {
            out += data
        },
    })
    await eventually('the server listens', () => out.includes('listening'))
    return server
}

async function exitCode(sandbox, command, options = {}) {
    try {
        return (await sandbox.commands.run(command, options)).exitCode
    } catch (error) {
        if (error instanceof CommandExitError) return error.exitCode
        throw error
    }
}

async function created({ template = 'base', ...options }, use) {
    const sandbox = await Sandbox.create(template, { timeoutMs: 60_000, ...options })
    try {
        await use(sandbox)
    } finally {
        await sandbox.kill()
    }
}

const checks = {
    async commands(sandbox) {
        const result = await sandbox.commands.run('echo $A; pwd; id -un; echo oops >&2', { envs: { A: '1' }, cwd: '/tmp' })
        assert.deepEqual([result.stdout, result.stderr], ['1\n/tmp\nuser\n', 'oops\n'])
        assert.equal(await exitCode(sandbox, 'exit 3'), 3)
        const sleeper = await sandbox.commands.run('sleep 1000', { background: true })
        assert((await sandbox.commands.list()).some((process) => process.pid === sleeper.pid))
        assert(await sandbox.commands.kill(sleeper.pid))
        assert.equal(await exitCode(sandbox, `kill -0 ${sleeper.pid}`), 1)
        await assert.rejects(sleeper.wait(), CommandExitError)
        assert(!(await sandbox.commands.kill(sleeper.pid)))
        const late = await sandbox.commands.run('sleep 0.2; echo late', { background: true })
        await late.disconnect()
        assert.equal((await (await sandbox.commands.connect(late.pid)).wait()).stdout, 'late\n')
    },

    async stdin(sandbox) {
        const cat = await sandbox.commands.run('cat; echo over', { background: true, stdin: true })
        await sandbox.commands.sendStdin(cat.pid, 'one ')
        await sandbox.commands.sendStdin(cat.pid, 'two\n')
        await sandbox.commands.closeStdin(cat.pid)
        assert.equal((await cat.wait()).stdout, 'one two\nover\n')
    },

    async pty(sandbox) {
        let seen = ''
        const decoder = new TextDecoder()
        const onData = (data) => {
            seen += decoder.decode(data, { stream: true })
        }
        const terminal = await sandbox.pty.create({ cols: 80, rows: 24, envs: { WORD: 'hello' }, onData })
        await sandbox.pty.resize(terminal.pid, { cols: 101, rows: 30 })
        await sandbox.pty.sendInput(terminal.pid, new TextEncoder().encode('echo $WORD-$(tput cols)\nexit 7\n'))
        await assert.rejects(terminal.wait(), (error) => error.exitCode === 7)
        assert(seen.includes('hello-101'), seen)
    },

    async files(sandbox) {
        await sandbox.files.write(Array.from({ length: 20 }, (_, n) => ({ path: `many/${n}.txt`, data: `content ${n}` })))
        assert.equal((await sandbox.files.list('many')).length, 20)
        assert.equal(await sandbox.files.read('many/7.txt'), 'content 7')
        const raw = Uint8Array.from({ length: 256 * 1024 }, (_, n) => n % 256)
        await sandbox.files.write('raw', raw.buffer)
        assert.deepEqual(await sandbox.files.read('raw', { format: 'bytes' }), raw)
        assert(!(await sandbox.files.makeDir('many')) && (await sandbox.files.makeDir('a/b')))
        assert.equal((await sandbox.files.rename('raw', 'a/b/moved')).path, '/home/user/a/b/moved')
        assert(!(await sandbox.files.exists('raw')))
        assert.equal((await sandbox.files.getInfo('a/b/moved')).size, raw.length)
        await sandbox.files.remove('a')
        await assert.rejects(sandbox.files.read('a/b/moved'), FileNotFoundError)
    },

    async root(sandbox) {
        assert.equal((await sandbox.commands.run('id -u', { user: 'root' })).stdout, '0\n')
        // It runs what it is given, as whoever asks: there is nobody here to become.
        assert.equal((await sandbox.commands.run('sudo -n id -u')).stdout, '1000\n')
        await sandbox.files.write('/root/secret', 'of root', { user: 'root' })
        assert.equal(await sandbox.files.read('/root/secret', { user: 'root' }), 'of root')
        assert.equal(await exitCode(sandbox, 'cat /root/secret'), 1)
    },

    async watch(sandbox) {
        await sandbox.files.makeDir('watched/below')
        const seen = []
        const told = (type, name) => seen.some((event) => event.type === type && event.name === name)
        const handle = await sandbox.files.watchDir('watched', (event) => void seen.push(event), { recursive: true })
        await sandbox.files.write('watched/below/new.txt', 'x')
        await sandbox.commands.run('mv watched/below/new.txt watched/old.txt; rm watched/old.txt')
        await eventually('the removal is told', () => told(FilesystemEventType.REMOVE, 'old.txt'))
        for (const type of [FilesystemEventType.CREATE, FilesystemEventType.WRITE, FilesystemEventType.RENAME]) {
            assert(told(type, 'below/new.txt'), `no ${type} in ${JSON.stringify(seen)}`)
        }
        await handle.stop()
    },

    async pause_and_resume(sandbox) {
        const loop = 'while sleep 0.05; do echo $((n++)) > n; done'
        const counter = await sandbox.commands.run(loop, { background: true, timeoutMs: 0 })
        await eventually('it counts', () => sandbox.files.exists('n'))
        await counter.disconnect()
        assert(await sandbox.pause())
        assert(!(await sandbox.pause()), 'it is paused already')
        assert(!(await sandbox.isRunning()))
        assert.equal((await sandbox.getInfo()).state, 'paused')
        const again = await Sandbox.connect(sandbox.sandboxId, { timeoutMs: 60_000 })
        assert(await again.isRunning())
        assert((await again.commands.list()).some((process) => process.pid === counter.pid))
        // A file that is just being written is empty for a moment.
        const number = async () => (await again.files.read('n')).trim()
        const before = await eventually('there is a number', number)
        await eventually('it counts on', async () => !['', before].includes(await number()))
    },

    async pause_and_reboot(sandbox) {
        await sandbox.files.write('/app/kept', 'kept')
        await (await sandbox.commands.run('sleep 1000', { background: true, timeoutMs: 0 })).disconnect()
        assert(await sandbox.pause())
        const again = await Sandbox.connect(sandbox.sandboxId, { timeoutMs: 60_000, onResume: 'reboot' })
        assert.deepEqual(await again.commands.list(), [], 'its programs are gone')
        assert.equal((await again.commands.run('cat /app/kept')).stdout, 'kept')
    },

    async pause_by_itself_and_wake_on_traffic() {
        const lifecycle = { onTimeout: 'pause', autoResume: true }
        await created({ timeoutMs: 2000, lifecycle }, async (sandbox) => {
            await (await serve(sandbox)).disconnect()
            const state = async () => (await Sandbox.getInfo(sandbox.sandboxId)).state
            await eventually('it sleeps', async () => (await state()) === 'paused')
            assert.deepEqual(await visit(sandbox, 8000), [200, 'served'])
            assert.equal(await state(), 'running')
        })
    },

    async snapshot(sandbox) {
        await sandbox.files.write('state', 'before')
        const made = await sandbox.createSnapshot()
        await sandbox.files.write('state', 'after')
        await created({ template: made.snapshotId }, async (one) => {
            await created({ template: made.snapshotId }, async (other) => {
                await one.files.write('state', 'changed')
                const states = await Promise.all([sandbox, one, other].map((each) => each.files.read('state')))
                assert.deepEqual(states, ['after', 'changed', 'before'])
            })
        })
        const listed = await sandbox.listSnapshots().nextItems()
        assert(listed.some((found) => found.snapshotId === made.snapshotId))
        assert(await Sandbox.deleteSnapshot(made.snapshotId))
        assert(!(await Sandbox.deleteSnapshot(made.snapshotId)))
    },

    async fork(sandbox) {
        await sandbox.files.write('state', 'before')
        const forks = await sandbox.fork({ count: 2, timeoutMs: 60_000 })
        try {
            assert(forks.every((one) => one instanceof Sandbox), String(forks))
            assert.equal(new Set([sandbox, ...forks].map((one) => one.sandboxId)).size, 3)
            await forks[0].files.write('state', 'changed')
            const states = await Promise.all([sandbox, ...forks].map((one) => one.files.read('state')))
            assert.deepEqual(states, ['before', 'changed', 'before'])
        } finally {
            await Promise.all(forks.filter((one) => one instanceof Sandbox).map((one) => one.kill()))
        }
    },

    async signed_addresses(sandbox) {
        await sandbox.files.write('signed.txt', 'by address')
        const address = await sandbox.downloadUrl('signed.txt', { useSignatureExpiration: 60_000 })
        assert.deepEqual(await fetched(address), [200, 'by address'])
        const expired = await fetched(await sandbox.downloadUrl('signed.txt', { useSignatureExpiration: -60_000 }))
        assert(expired[0] === 401 && expired[1].includes('expired'), String(expired))
        assert.equal((await fetched(address.replace('signed.txt', 'other.txt')))[0], 401)
        const form = new FormData()
        form.append('file', 'uploaded')
        const upload = await sandbox.uploadUrl('up.txt', { useSignatureExpiration: 60_000 })
        assert.equal((await fetched(upload, { method: 'POST', body: form }))[0], 200)
        assert.equal(await sandbox.files.read('up.txt'), 'uploaded')
    },

    async ports(sandbox) {
        const [status, said] = await visit(sandbox, 8000)
        assert(status === 502 && said.includes('port is not open'), said)
        const server = await serve(sandbox)
        assert.deepEqual(await visit(sandbox, 8000), [200, 'served'])
        await server.kill()
    },

    async private_ports() {
        await created({ network: { allowPublicTraffic: false } }, async (sandbox) => {
            await serve(sandbox)
            assert.equal((await visit(sandbox, 8000))[0], 403)
            const token = { 'E2b-Traffic-Access-Token': sandbox.trafficAccessToken }
            assert.deepEqual(await visit(sandbox, 8000, '/', token), [200, 'served'])
        })
    },

    async network() {
        const network = { allowOut: ['allowed.example'], denyOut: ['0.0.0.0/0'] }
        await created({ network }, async (sandbox) => {
            // An address of nobody's (RFC 5737), that is denied besides.
            const reach = 'curl --silent --fail --max-time 5 http://192.0.2.1/'
            assert(![0, 127].includes(await exitCode(sandbox, reach)))
            assert.deepEqual((await sandbox.getInfo()).network?.allowOut, ['allowed.example'])
            await sandbox.updateNetwork({ denyOut: ['192.0.2.0/24'] })
            assert.deepEqual((await sandbox.getInfo()).network?.denyOut, ['192.0.2.0/24'])
            assert(![0, 127].includes(await exitCode(sandbox, reach)))
        })
    },

    async lists_and_metrics(sandbox) {
        await created({ metadata: { mark: sandbox.sandboxId } }, async (marked) => {
            const query = { metadata: { mark: sandbox.sandboxId }, state: ['running'] }
            const found = await Sandbox.list({ query }).nextItems()
            assert.deepEqual(found.map((one) => one.sandboxId), [marked.sandboxId])
            const [metrics] = await marked.getMetrics()
            assert(metrics.memTotal > 0 && metrics.diskTotal > 0, JSON.stringify(metrics))
            const until = (await marked.getInfo()).endAt
            await marked.setTimeout(600_000)
            assert((await marked.getInfo()).endAt > until)
        })
    },

    async kill() {
        await created({}, async (sandbox) => {
            const sleeper = await sandbox.commands.run('sleep 1000', { background: true, timeoutMs: 0 })
            const broken = assert.rejects(sleeper.wait(), (error) => !(error instanceof CommandExitError))
            assert(await sandbox.kill())
            assert(!(await sandbox.kill()))
            await broken
            assert(!(await sandbox.isRunning()))
            assert.equal((await visit(sandbox, 49983, '/health'))[0], 502)
        })
    },
}

const [way, ...names] = process.argv.slice(2)
for (const name of names.length ? names : Object.keys(checks)) {
    try {
        await created({ timeoutMs: 120_000 }, checks[name])
        console.log(`ok      javascript ${way} ${name}`)
    } catch (error) {
        process.exitCode = 1
        const where = /smoke\.mjs:\d+/.exec(error.stack ?? '')?.[0]
        console.log(`FAILED  javascript ${way} ${name}: ${error.name}: ${error.message.replaceAll('\n', ' ')} (${where})`)
    }
}
// An SDK's own idle connections would keep it for a while.
process.exit()
