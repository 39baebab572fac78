const host = '0xA9FEA9FE';
axios.get(`http://${host}/latest/`);
