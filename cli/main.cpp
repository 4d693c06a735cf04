// The octofetch program: hands the command line to the command.
#include <string>
#include <vector>

#include "command.hpp"

int main(int argc, char **argv) { return octo::cli::run_command(std::vector<std::string>(argv + 1, argv + argc)); }
