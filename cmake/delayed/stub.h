// Functions of a shared library that is opened when one of them is first called (cmake/delayed.cmake).
//
//         delayed_library "libsum.so.1"
//         delayed_function sum
//
// makes `sum`, which goes on to the library's own `sum` as if it had been called itself. Where that is stands
// in a variable, 0 until then. What does not load throws (find.cpp) through these frames: hence .cfi.

        .intel_syntax noprefix

// With the names of the library and of the function: the first call of each. All registers that hold arguments
// are kept; those of vectors as wide as the interfaces have them.
        .macro delayed_library soname
        .section .rodata
delayed_soname:
        .asciz  "\soname"
        .text
        .type   delayed_find, @function
delayed_find:                           // r10: the function's name, r11: its variable
        .cfi_startproc
        push    r11
        .cfi_adjust_cfa_offset 8
        .irp    register, rax, rdi, rsi, rdx, rcx, r8, r9, r11
        push    \register
        .cfi_adjust_cfa_offset 8
        .endr
        sub     rsp, 128
        .cfi_adjust_cfa_offset 128
        .irp    number, 0, 1, 2, 3, 4, 5, 6, 7
        movups  [rsp + 16 * \number], xmm\number
        .endr
        lea     rdi, [rip + delayed_soname]
        mov     rsi, r10
        call    flopmeter_find_delayed
        .irp    number, 0, 1, 2, 3, 4, 5, 6, 7
        movups  xmm\number, [rsp + 16 * \number]
        .endr
        add     rsp, 128
        .cfi_adjust_cfa_offset -128
        pop     r11
        .cfi_adjust_cfa_offset -8
        mov     [r11], rax
        .irp    register, r9, r8, rcx, rdx, rsi, rdi, rax
        pop     \register
        .cfi_adjust_cfa_offset -8
        .endr
        pop     r11
        .cfi_adjust_cfa_offset -8
        jmp     [r11]
        .cfi_endproc
        .size   delayed_find, . - delayed_find
        .endm

        .macro delayed_function name
        .section .bss
        .balign 8
.Laddress_\name:
        .skip   8
        .section .rodata
.Lname_\name:
        .asciz  "\name"
        .text
        .globl  \name
        .hidden \name
        .type   \name, @function
        .balign 16
\name:
        .cfi_startproc
        endbr64
        mov     r11, [rip + .Laddress_\name]
        test    r11, r11
        jz      1f
        jmp     r11
1:      lea     r10, [rip + .Lname_\name]
        lea     r11, [rip + .Laddress_\name]
        jmp     delayed_find
        .cfi_endproc
        .size   \name, . - \name
        .endm
