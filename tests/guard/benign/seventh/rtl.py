MESSAGES = {
    'ar': {'title': 'قائمة المهام', 'add': 'إضافة مهمة'},
    'he': {'title': 'רשימת משימות', 'add': 'הוסף משימה'},
    'fa': {'title': 'فهرست کارها', 'add': 'افزودن‌ کار'},
}
def t(lang, key): return MESSAGES.get(lang, MESSAGES['ar']).get(key, key)
