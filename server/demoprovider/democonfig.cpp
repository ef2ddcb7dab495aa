// SPDX-License-Identifier: GPL-3.0-or-later
#include "demoprovider/demoprovider.h"

namespace keymux {

std::map<std::string, DemoLimits> demoModels()
{
    return {{"gemini-2.0-flash", {.rpm = 6, .tpm = 20000, .rpd = 0}},
            {"gemini-2.0-flash-exp", {.rpm = 6, .tpm = 20000, .rpd = 0}},
            {"gemini-1.5-pro-latest", {.rpm = 4, .tpm = 20000, .rpd = 0}},
            {"gemini-embedding-001", {.rpm = 30, .tpm = 0, .rpd = 0}}};
}

std::string demoConfigText(const std::string &baseUrl)
{
    return R"(// The pool of `keymuxd serve --demo`. Its provider is part of the program and grants each key 6 requests a minute for the flash
// models and 4 for the pro model. Two keys know that, one is told too much and one nothing: their 429s, rests and recoveries
// are real.
{
  "providers": {
    "gemini": {
      "base_url": ")" +
           baseUrl + R"(",
      "models": [
        {"model": "gemini-2.0-flash", "weight": 10, "priority": 1},
        {"model": "gemini-2.0-flash-exp", "weight": 5, "priority": 2},
        {"model": "gemini-1.5-pro-latest", "weight": 1, "priority": 3, "rpm_limit": 4},
        {"model": "gemini-embedding-001", "rpm_limit": 30}
      ],
      "keys": [
        {"key_id": "demo-key-1", "api_key": "env:KEYMUX_DEMO_KEY_1"},
        {"key_id": "demo-key-2", "api_key": "env:KEYMUX_DEMO_KEY_2", "rpm_limit": 8},
        {"key_id": "demo-key-3", "api_key": "env:KEYMUX_DEMO_KEY_3", "rpm_limit": 6},
        {"key_id": "demo-key-4", "api_key": "env:KEYMUX_DEMO_KEY_4", "rpm_limit": 6}
      ]
    }
  }
}
)";
}

} // namespace keymux
