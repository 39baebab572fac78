//! Where this process's memory comes from.
//!
//! ```text
//!  an engine, a command    jemalloc   months, bursts over twenty threads: what sessions leave pins glibc's heaps page by
//!                                     page, and they grow for thousands of sessions though nothing more is held
//!  PID 1 of a sandbox      glibc      one thread, a few pages, and a fork for each program: less to copy
//! ```
//! The same executable is both, so that is told before the first byte is asked for: by then glibc has the arguments.
#![expect(unsafe_code, reason = "an allocator is unsafe, and nothing else may run before `main`")]

use std::{
    alloc::{GlobalAlloc, Layout, System},
    ffi::{CStr, c_char, c_int},
    sync::atomic::{AtomicBool, Ordering},
};

use tikv_jemallocator::Jemalloc;

pub struct Heap;

/// Written once, before there is a thread or an allocation.
static IS_SMALL: AtomicBool = AtomicBool::new(false);

/// As many heaps as processors. What has been free in one for a second goes back to the system when that heap is next used:
/// a thread of jemalloc's own would do it sooner, and would start in PID 1 of each sandbox, too.
// SAFETY: the name is jemalloc's own, and nobody else defines it; it wants a pointer to a text that ends with a zero.
#[unsafe(export_name = "_rjem_malloc_conf")]
pub static SETTINGS: &[u8; 57] = b"percpu_arena:percpu,dirty_decay_ms:1000,muzzy_decay_ms:0\0";

// SAFETY: glibc calls what stands in this section with the arguments of `main`, before it.
#[cfg(target_env = "gnu")]
#[used]
#[unsafe(link_section = ".init_array")]
static CHOOSE: extern "C" fn(c_int, *const *const c_char) = choose;

extern "C" fn choose(count: c_int, words: *const *const c_char) {
    // SAFETY: there are `count` pointers to texts that end with a zero, all of them as long-lived as the process.
    let first = (count > 1).then(|| unsafe { CStr::from_ptr(*words.add(1)) });
    IS_SMALL.store(first == Some(c"sandbox-init"), Ordering::Relaxed);
}

fn is_small() -> bool {
    IS_SMALL.load(Ordering::Relaxed)
}

// SAFETY: each call goes to an allocator that keeps the contract, and for the whole life of the process to the same one.
unsafe impl GlobalAlloc for Heap {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: as the caller promised.
        unsafe { if is_small() { System.alloc(layout) } else { Jemalloc.alloc(layout) } }
    }

    unsafe fn dealloc(&self, memory: *mut u8, layout: Layout) {
        // SAFETY: as the caller promised.
        unsafe { if is_small() { System.dealloc(memory, layout) } else { Jemalloc.dealloc(memory, layout) } }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        // SAFETY: as the caller promised.
        unsafe { if is_small() { System.alloc_zeroed(layout) } else { Jemalloc.alloc_zeroed(layout) } }
    }

    unsafe fn realloc(&self, memory: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        // SAFETY: as the caller promised.
        unsafe {
            if is_small() { System.realloc(memory, layout, size) } else { Jemalloc.realloc(memory, layout, size) }
        }
    }
}
