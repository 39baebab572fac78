require('dotenv').config();
const { Client, Events, GatewayIntentBits, SlashCommandBuilder } = require('discord.js');
const fs = require('node:fs');
const path = require('node:path');

const client = new Client({ intents: [GatewayIntentBits.Guilds] });
const commands = new Map();
for (const file of fs.readdirSync(path.join(__dirname, 'commands')).filter((name) => name.endsWith('.js'))) {
  const command = require(path.join(__dirname, 'commands', file));
  commands.set(command.data.name, command);
}
commands.set('ping', {
  data: new SlashCommandBuilder().setName('ping').setDescription('Pong'),
  execute: (interaction) => interaction.reply('Pong!'),
});
client.once(Events.ClientReady, (ready) => console.log(`Logged in as ${ready.user.tag}`));
client.on(Events.InteractionCreate, async (interaction) => {
  if (!interaction.isChatInputCommand()) return;
  try {
    await commands.get(interaction.commandName)?.execute(interaction);
  } catch (error) {
    console.error(error);
    await interaction.reply({ content: 'That did not work.', ephemeral: true });
  }
});
client.login(process.env.DISCORD_TOKEN);
