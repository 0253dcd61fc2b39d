// Where things are in a thread's arena, as offsets from the base of gs. Read by the compiler and by
// the assembler (switch.S), so that it holds nothing but numbers.
#pragma once

// The context: see context.h, which checks these.
#define EXECUTED_REGISTERS 0x00
#define EXECUTED_FLAGS 0x80
#define EXECUTED_TARGET 0x88
#define EXECUTED_DESTINATION 0x90
#define EXECUTED_EXIT 0x98
#define EXECUTED_DISPATCHER 0xa0
#define EXECUTED_STACK 0xa8
#define EXECUTED_XSAVE_AREA 0xb0
#define EXECUTED_TRANSLATOR 0xb8
#define EXECUTED_SCRATCH 0xc0
#define EXECUTED_ENTRY_STACK 0xe0
#define EXECUTED_AFTER 0xe8
#define EXECUTED_UNWINDING 0xf0
#define EXECUTED_MISMATCH 0xf8
#define EXECUTED_CHILD 0x100
#define EXECUTED_BUSY 0x108
#define EXECUTED_LEVEL 0x110
#define EXECUTED_MAGIC 0x118
#define EXECUTED_HOLDS_LOCK 0x120
#define EXECUTED_WIDE 0x140  // two registers of 64 bytes
#define EXECUTED_CONTEXT_END 0x1c0
#define EXECUTED_MAGIC_VALUE 0x464c4f50

// Exits that every translation has.
#define EXECUTED_EXIT_INDIRECT 0
#define EXECUTED_EXIT_CREATED 1
#define EXECUTED_EXIT_STARTED 2
#define EXECUTED_EXIT_FORKED 3
