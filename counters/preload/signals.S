// What the kernel calls in the place of a program's handlers of signals.
#include "counters/executed/translator/layout.h"

        .intel_syntax noprefix
        .text

// Of struct Frame in signals.cpp: the context and seven words; it aligns the stack.
#define SIGNAL EXECUTED_CONTEXT_END
#define INFO (EXECUTED_CONTEXT_END + 8)
#define INTERRUPTED (EXECUTED_CONTEXT_END + 16)
#define FRAME (EXECUTED_CONTEXT_END + 56)

// void executed_signal_entry(int signal, siginfo_t*, ucontext_t*)
// All registers are the kernel's copy's; the handler finds the three and a stack.
        .globl  executed_signal_entry
        .hidden executed_signal_entry
        .type   executed_signal_entry, @function
executed_signal_entry:
        .cfi_startproc
        sub     rsp, FRAME
        .cfi_adjust_cfa_offset FRAME
        mov     [rsp + SIGNAL], rdi
        mov     [rsp + INFO], rsi
        mov     [rsp + INTERRUPTED], rdx
        mov     edi, 0x1004  // ARCH_GET_GS
        mov     rsi, rsp
        mov     eax, 158     // arch_prctl
        syscall
        mov     rbx, [rsp]
        test    rbx, rbx
        jz      3f
        cmp     qword ptr [rbx + EXECUTED_MAGIC], EXECUTED_MAGIC_VALUE
        jne     3f
        cld
        mov     rdi, rsp
        mov     rsi, rbx
        mov     ecx, EXECUTED_CONTEXT_END / 8
        rep movsq
        mov     rdi, rsp
        mov     rsi, rbx
        call    executed_signal_begin
        test    rax, rax
        jz      3f
        cmp     rax, 1  // it has to wait, and will be called again
        je      4f
        mov     gs:[EXECUTED_TARGET], rax
        mov     qword ptr gs:[EXECUTED_EXIT], EXECUTED_EXIT_INDIRECT
        mov     rdi, [rsp + SIGNAL]
        mov     rsi, [rsp + INFO]
        mov     rdx, [rsp + INTERRUPTED]
        lea     rcx, [rip + executed_signal_returned]
        push    rcx
        jmp     executed_dispatch
        .globl  executed_signal_returned
        .hidden executed_signal_returned
executed_signal_returned:
        mov     rdi, rsp
        mov     rsi, gs:[EXECUTED_TRANSLATOR]
        call    executed_signal_end_of
4:      add     rsp, FRAME
        .cfi_adjust_cfa_offset -FRAME
        ret
        .cfi_adjust_cfa_offset FRAME
3:      mov     rdi, [rsp + SIGNAL]
        mov     rsi, [rsp + INFO]
        mov     rdx, [rsp + INTERRUPTED]
        add     rsp, FRAME
        .cfi_adjust_cfa_offset -FRAME
        lea     rax, [rip + executed_handlers]
        mov     rax, [rax + 8 * rdi]
        jmp     rax
        .cfi_endproc
        .size   executed_signal_entry, . - executed_signal_entry

        .section .note.GNU-stack, "", @progbits
