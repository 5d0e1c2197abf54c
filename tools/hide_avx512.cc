// Preloaded into a program, answers its CPUID instructions as a processor
// without AVX-512 does: tools/bench_peers --hide-avx512 measures peers that way
// that cannot be told which instructions to use.
//
// The kernel makes CPUID fault (arch_prctl(2), ARCH_SET_CPUID: Intel since Ivy
// Bridge, AMD where the processor can), and the fault's handler answers. Bits:
// Intel SDM volume 2A, "CPUID", leaf 7. A program that is refused ends at once.
#include <asm/prctl.h>
#include <cpuid.h>
#include <signal.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace {

// F, DQ, IFMA, PF, ER, CD, BW, VL.
constexpr uint32_t kLeaf7Ebx = 1u << 16 | 1u << 17 | 1u << 21 | 1u << 26 |
                               1u << 27 | 1u << 28 | 1u << 30 | 1u << 31;
// VBMI, VBMI2, VNNI, BITALG, VPOPCNTDQ.
constexpr uint32_t kLeaf7Ecx =
    1u << 1 | 1u << 6 | 1u << 11 | 1u << 12 | 1u << 14;
// 4VNNIW, 4FMAPS, VP2INTERSECT, FP16.
constexpr uint32_t kLeaf7Edx = 1u << 2 | 1u << 3 | 1u << 8 | 1u << 23;
constexpr uint32_t kLeaf7Sub1Eax = 1u << 5;   // BF16
constexpr uint32_t kLeaf7Sub1Edx = 1u << 19;  // AVX10

// Whether CPUID answers (it does not fault) in this thread and those it starts.
bool LetCpuidAnswer(bool answer) {
  return syscall(SYS_arch_prctl, ARCH_SET_CPUID, answer ? 1 : 0) == 0;
}

void Answer(greg_t* registers) {
  const auto leaf = static_cast<uint32_t>(registers[REG_RAX]);
  const auto sub = static_cast<uint32_t>(registers[REG_RCX]);
  uint32_t a = 0, b = 0, c = 0, d = 0;
  LetCpuidAnswer(true);
  __cpuid_count(leaf, sub, a, b, c, d);
  LetCpuidAnswer(false);
  if (leaf == 7 && sub == 0) {
    b &= ~kLeaf7Ebx;
    c &= ~kLeaf7Ecx;
    d &= ~kLeaf7Edx;
  } else if (leaf == 7 && sub == 1) {
    a &= ~kLeaf7Sub1Eax;
    d &= ~kLeaf7Sub1Edx;
  }
  registers[REG_RAX] = a;
  registers[REG_RBX] = b;
  registers[REG_RCX] = c;
  registers[REG_RDX] = d;
}

void OnFault(int, siginfo_t*, void* context) {
  greg_t* registers = static_cast<ucontext_t*>(context)->uc_mcontext.gregs;
  const unsigned char* instruction;
  std::memcpy(&instruction, &registers[REG_RIP], sizeof(instruction));
  if (instruction[0] != 0x0F || instruction[1] != 0xA2) {
    signal(SIGSEGV, SIG_DFL);  // a fault of the program's own: it happens again
    return;
  }
  Answer(registers);
  registers[REG_RIP] += 2;
}

__attribute__((constructor)) void Hide() {
  struct sigaction action = {};
  action.sa_sigaction = OnFault;
  action.sa_flags = SA_SIGINFO | SA_NODEFER;
  if (sigaction(SIGSEGV, &action, nullptr) == 0 && LetCpuidAnswer(false))
    return;
  std::fputs("hide_avx512: this processor or kernel cannot hide CPUID\n",
             stderr);
  std::_Exit(77);
}

}  // namespace
