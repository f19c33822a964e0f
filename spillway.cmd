@echo off
rem Runs the launcher beside this file with the newest Python 3 there is.
where py >nul 2>nul
if errorlevel 1 goto python
py -3 "%~dp0spillway" %*
exit /b %errorlevel%
:python
python "%~dp0spillway" %*
exit /b %errorlevel%
