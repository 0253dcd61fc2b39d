// Runs a random sequence on the registers and the stack of a Guest; see guest.h for the offsets.
#define REGISTERS 12288
#define FLAGS 12416
#define HOST_STACK 12424
#define CODE 12432
#define COMPONENTS 12440
#define STATE 12480

        .intel_syntax noprefix
        .text
        .globl  executed_fuzz_enter
        .type   executed_fuzz_enter, @function
executed_fuzz_enter:
        push    rbp
        push    rbx
        push    r12
        push    r13
        push    r14
        push    r15
        sub     rsp, 8
        stmxcsr [rsp]
        fnstcw  [rsp + 4]
        mov     r15, rdi
        mov     [r15 + HOST_STACK], rsp
        mov     eax, [r15 + COMPONENTS]
        xor     edx, edx
        xrstor64 [r15 + STATE]
        mov     rsp, [r15 + REGISTERS + 0x20]
        push    qword ptr [r15 + FLAGS]
        popfq
        mov     rax, [r15 + REGISTERS + 0x00]
        mov     rcx, [r15 + REGISTERS + 0x08]
        mov     rdx, [r15 + REGISTERS + 0x10]
        mov     rbx, [r15 + REGISTERS + 0x18]
        mov     rbp, [r15 + REGISTERS + 0x28]
        mov     rsi, [r15 + REGISTERS + 0x30]
        mov     rdi, [r15 + REGISTERS + 0x38]
        mov     r8, [r15 + REGISTERS + 0x40]
        mov     r9, [r15 + REGISTERS + 0x48]
        mov     r10, [r15 + REGISTERS + 0x50]
        mov     r11, [r15 + REGISTERS + 0x58]
        mov     r12, [r15 + REGISTERS + 0x60]
        mov     r13, [r15 + REGISTERS + 0x68]
        mov     r14, [r15 + REGISTERS + 0x70]
        call    qword ptr [r15 + CODE]
        mov     [r15 + REGISTERS + 0x00], rax
        mov     [r15 + REGISTERS + 0x08], rcx
        mov     [r15 + REGISTERS + 0x10], rdx
        mov     [r15 + REGISTERS + 0x18], rbx
        mov     [r15 + REGISTERS + 0x20], rsp
        mov     [r15 + REGISTERS + 0x28], rbp
        mov     [r15 + REGISTERS + 0x30], rsi
        mov     [r15 + REGISTERS + 0x38], rdi
        mov     [r15 + REGISTERS + 0x40], r8
        mov     [r15 + REGISTERS + 0x48], r9
        mov     [r15 + REGISTERS + 0x50], r10
        mov     [r15 + REGISTERS + 0x58], r11
        mov     [r15 + REGISTERS + 0x60], r12
        mov     [r15 + REGISTERS + 0x68], r13
        mov     [r15 + REGISTERS + 0x70], r14
        mov     rsp, [r15 + HOST_STACK]
        pushfq
        pop     qword ptr [r15 + FLAGS]
        cld
        mov     eax, [r15 + COMPONENTS]
        xor     edx, edx
        xsave64 [r15 + STATE]
        fninit
        ldmxcsr [rsp]
        fldcw   [rsp + 4]
        add     rsp, 8
        pop     r15
        pop     r14
        pop     r13
        pop     r12
        pop     rbx
        pop     rbp
        ret
        .size   executed_fuzz_enter, . - executed_fuzz_enter

// Calls the function with the trap flag set; the first trap stands at its first instruction.
        .globl  executed_fuzz_step
        .type   executed_fuzz_step, @function
executed_fuzz_step:
        mov     rax, rdi
        mov     rdi, rsi
        sub     rsp, 8
        pushfq
        or      qword ptr [rsp], 0x100
        popfq
        call    rax
        .globl  executed_fuzz_stepped
executed_fuzz_stepped:
        add     rsp, 8
        ret
        .size   executed_fuzz_step, . - executed_fuzz_step

        .section .note.GNU-stack, "", @progbits
