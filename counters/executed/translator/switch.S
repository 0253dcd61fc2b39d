// Ways into and out of translated code. See layout.h for the offsets from gs.
#include "counters/executed/translator/layout.h"

        .intel_syntax noprefix
        .text

// void executed_enter(void (*function)(void*), void* argument)
// Runs the function as a guest, on this stack. gs is the arena. The guest returns to `returned`
// whether its last instruction was translated or, after something that could not be, native.
        .globl  executed_enter
        .hidden executed_enter
        .type   executed_enter, @function
executed_enter:
        .cfi_startproc
#ifdef EXECUTED_UNWINDS
        .hidden executed_personality
        .cfi_personality 0x1b, executed_personality  // 4 bytes, relative to their place
#endif
        push    rbp
        .cfi_def_cfa_offset 16
        .cfi_offset rbp, -16
        mov     rbp, rsp
        .cfi_def_cfa_register rbp
        push    rbx
        push    r12
        push    r13
        push    r14
        push    r15
        .cfi_offset rbx, -24
        .cfi_offset r12, -32
        .cfi_offset r13, -40
        .cfi_offset r14, -48
        .cfi_offset r15, -56
        sub     rsp, 8
        mov     gs:[EXECUTED_ENTRY_STACK], rsp
        lea     rax, [rip + executed_returned]
        push    rax
        mov     gs:[EXECUTED_TARGET], rdi
        mov     qword ptr gs:[EXECUTED_EXIT], 0
        mov     rdi, rsi
        jmp     executed_dispatch
        .globl  executed_returned
        .hidden executed_returned
executed_returned:
        add     rsp, 8
        pop     r15
        pop     r14
        pop     r13
        pop     r12
        pop     rbx
        pop     rbp
        .cfi_def_cfa rsp, 8
        ret
        .cfi_endproc
        .size   executed_enter, . - executed_enter

// Translated code comes here with the registers, flags and stack of the guest and the number of its
// exit, and leaves for the code of where the guest goes next. What is usual is found without
// touching a vector register; for the rest they are all saved.
        .globl  executed_dispatch
        .hidden executed_dispatch
        .type   executed_dispatch, @function
executed_dispatch:
        .cfi_startproc
        .cfi_undefined rip
        mov     gs:[EXECUTED_REGISTERS + 0x00], rax
        mov     gs:[EXECUTED_REGISTERS + 0x08], rcx
        mov     gs:[EXECUTED_REGISTERS + 0x10], rdx
        mov     gs:[EXECUTED_REGISTERS + 0x18], rbx
        mov     gs:[EXECUTED_REGISTERS + 0x20], rsp
        mov     gs:[EXECUTED_REGISTERS + 0x28], rbp
        mov     gs:[EXECUTED_REGISTERS + 0x30], rsi
        mov     gs:[EXECUTED_REGISTERS + 0x38], rdi
        mov     gs:[EXECUTED_REGISTERS + 0x40], r8
        mov     gs:[EXECUTED_REGISTERS + 0x48], r9
        mov     gs:[EXECUTED_REGISTERS + 0x50], r10
        mov     gs:[EXECUTED_REGISTERS + 0x58], r11
        mov     gs:[EXECUTED_REGISTERS + 0x60], r12
        mov     gs:[EXECUTED_REGISTERS + 0x68], r13
        mov     gs:[EXECUTED_REGISTERS + 0x70], r14
        mov     gs:[EXECUTED_REGISTERS + 0x78], r15
        mov     rsp, gs:[EXECUTED_STACK]
        pushfq
        pop     qword ptr gs:[EXECUTED_FLAGS]
        test    dword ptr gs:[EXECUTED_FLAGS], 0x40000  // AC: the dispatcher does not align
        jz      executed_dispatch_saved
        push    2
        popfq
        .globl  executed_dispatch_saved
        .hidden executed_dispatch_saved
executed_dispatch_saved:
        mov     rsp, gs:[EXECUTED_STACK]
        cld
        mov     rdi, gs:[EXECUTED_TRANSLATOR]
        call    executed_resolve
        test    rax, rax
        jnz     1f
        mov     rdi, gs:[EXECUTED_XSAVE_AREA]
        mov     eax, -1
        mov     edx, -1
        xsave64 [rdi]
        mov     rdi, gs:[EXECUTED_TRANSLATOR]
        call    executed_translate
        mov     rbx, rax
        mov     rdi, gs:[EXECUTED_XSAVE_AREA]
        mov     eax, -1
        mov     edx, -1
        xrstor64 [rdi]
        mov     rax, rbx
1:      mov     gs:[EXECUTED_DESTINATION], rax
        push    qword ptr gs:[EXECUTED_FLAGS]
        popfq
        mov     rax, gs:[EXECUTED_REGISTERS + 0x00]
        mov     rcx, gs:[EXECUTED_REGISTERS + 0x08]
        mov     rdx, gs:[EXECUTED_REGISTERS + 0x10]
        mov     rbx, gs:[EXECUTED_REGISTERS + 0x18]
        mov     rsp, gs:[EXECUTED_REGISTERS + 0x20]
        mov     rbp, gs:[EXECUTED_REGISTERS + 0x28]
        mov     rsi, gs:[EXECUTED_REGISTERS + 0x30]
        mov     rdi, gs:[EXECUTED_REGISTERS + 0x38]
        mov     r8, gs:[EXECUTED_REGISTERS + 0x40]
        mov     r9, gs:[EXECUTED_REGISTERS + 0x48]
        mov     r10, gs:[EXECUTED_REGISTERS + 0x50]
        mov     r11, gs:[EXECUTED_REGISTERS + 0x58]
        mov     r12, gs:[EXECUTED_REGISTERS + 0x60]
        mov     r13, gs:[EXECUTED_REGISTERS + 0x68]
        mov     r14, gs:[EXECUTED_REGISTERS + 0x70]
        mov     r15, gs:[EXECUTED_REGISTERS + 0x78]
        jmp     qword ptr gs:[EXECUTED_DESTINATION]
        .cfi_endproc
        .size   executed_dispatch, . - executed_dispatch

// Indirect branches that no entry is known of come here with where they go in rcx, and with the
// guest's rcx and rax put away; those that met the entry of another block, with that difference in
// rcx and minus the block's address in rax. No flag changes.
        .globl  executed_dispatch_mismatch
        .hidden executed_dispatch_mismatch
executed_dispatch_mismatch:
        not     rax
        lea     rcx, [rcx + rax + 1]
        .globl  executed_dispatch_indirect
        .hidden executed_dispatch_indirect
executed_dispatch_indirect:
        mov     gs:[EXECUTED_TARGET], rcx
        mov     qword ptr gs:[EXECUTED_EXIT], EXECUTED_EXIT_INDIRECT
        mov     rax, gs:[EXECUTED_SCRATCH + 8]
        mov     rcx, gs:[EXECUTED_SCRATCH]
        jmp     executed_dispatch

// A system call that creates a thread or a process, for where gs can be set without one. The child
// goes on untranslated and may do so late, when the arena and the translated code are gone: all it
// needs is its own gs base, which is the address behind the call. It leaves with a gs base of 0.
        .globl  executed_create
        .hidden executed_create
        .type   executed_create, @function
executed_create:
        .cfi_startproc
        .cfi_undefined rip
        mov     rcx, gs:[EXECUTED_TARGET]
        wrgsbase rcx
        syscall
        mov     rcx, rax
        jrcxz   1f
        mov     rcx, [rip + executed_arena@gottpoff]
        mov     rcx, fs:[rcx]
        wrgsbase rcx
        mov     rcx, gs:[EXECUTED_TARGET]
        jmp     qword ptr gs:[EXECUTED_AFTER]
1:      rdgsbase rcx
        mov     r11d, 0
        wrgsbase r11
        jmp     rcx
        .cfi_endproc
        .size   executed_create, . - executed_create

// Where the whole process is counted: makes the thread or process whose arena is gs:CHILD, which
// holds all registers already but rax and rsp; 0: the child goes on untranslated, while this one
// waits or on a copy of this memory.
        .globl  executed_make
        .hidden executed_make
        .type   executed_make, @function
executed_make:
        .cfi_startproc
        .cfi_undefined rip
        mov     rbx, gs:[EXECUTED_CHILD]
        syscall
        mov     rcx, rax
        jrcxz   1f
        mov     rbx, gs:[EXECUTED_REGISTERS + 0x18]
        mov     qword ptr gs:[EXECUTED_EXIT], EXECUTED_EXIT_CREATED
        jmp     executed_dispatch
1:      mov     rcx, rbx
        jrcxz   2f
        mov     rsi, rbx
        mov     edi, 0x1001  // ARCH_SET_GS
        mov     eax, 158     // arch_prctl
        syscall
        mov     gs:[EXECUTED_REGISTERS + 0x20], rsp
        mov     qword ptr gs:[EXECUTED_REGISTERS + 0x00], 0
        jmp     executed_dispatch_saved
2:      lea     rsp, [rsp - 0x100]  // below the red zone
        push    rdi
        push    rsi
        push    qword ptr gs:[EXECUTED_REGISTERS + 0x18]
        mov     rbx, gs:[EXECUTED_TARGET]
        mov     esi, 0
        mov     edi, 0x1001
        mov     eax, 158
        syscall
        mov     rcx, rbx
        pop     rbx
        pop     rsi
        pop     rdi
        lea     rsp, [rsp + 0x100]
        mov     eax, 0
        jmp     rcx
        .cfi_endproc
        .size   executed_make, . - executed_make

// The last of a thread: its arena is another's from the moment when it is not busy.
        .globl  executed_leave
        .hidden executed_leave
executed_leave:
        mov     qword ptr gs:[EXECUTED_BUSY], 0
        syscall
        ud2

// void executed_take_over()
// Returns as a guest, with the arena in gs: all that follows is translated.
        .globl  executed_take_over
        .hidden executed_take_over
        .type   executed_take_over, @function
executed_take_over:
        .cfi_startproc
        pop     qword ptr gs:[EXECUTED_TARGET]
        mov     qword ptr gs:[EXECUTED_EXIT], EXECUTED_EXIT_INDIRECT
        jmp     executed_dispatch
        .cfi_endproc
        .size   executed_take_over, . - executed_take_over

// Where a handler of signals wants its thread to go on, in gs:TARGET.
        .globl  executed_resume
        .hidden executed_resume
executed_resume:
        mov     qword ptr gs:[EXECUTED_EXIT], EXECUTED_EXIT_INDIRECT
        jmp     executed_dispatch

// bool executed_is_guest()
// Whether the caller is being counted: Trace writes a 1 in the place of the 0.
        .globl  executed_is_guest
        .hidden executed_is_guest
        .type   executed_is_guest, @function
executed_is_guest:
        xor     eax, eax
        ret
        .size   executed_is_guest, . - executed_is_guest

        .section .note.GNU-stack, "", @progbits
