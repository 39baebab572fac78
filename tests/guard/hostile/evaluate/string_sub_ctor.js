''['sub']['constr' + 'uctor'](payload)();
